/** The fenced code blocks of a Markdown document, and console sessions in them. */

export interface Block {
  /** What stands behind the opening fence: `console`, `policy`, `ts`, ... */
  readonly language: string;
  readonly text: string;
  /** Of its first line, from 1. */
  readonly line: number;
}

export interface Step {
  readonly command: string;
  /** As printed, standard output and error together. A line `...` stands for any lines. */
  readonly output: string;
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const fence = /^```(\S*)\n([\s\S]*?)^```$/gm;
  for (const found of markdown.matchAll(fence)) {
    const line = markdown.slice(0, found.index).split("\n").length + 1;
    blocks.push({ language: found[1] ?? "", text: found[2] ?? "", line });
  }
  return blocks;
}

/** Markdown's other way to write code, which names no language and so cannot be run. */
export function indentedLinesOf(markdown: string): string[] {
  const prose = markdown.replace(/^```(\S*)\n[\s\S]*?^```$/gm, "");
  return prose.split("\n").filter((line) => /^ {4}\S/.test(line));
}

/** A session: lines that begin with `$ ` are commands, the lines below are what they print. */
export function stepsOf(session: string): Step[] {
  return session
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf("\n");
      return { command: step.slice(0, end), output: step.slice(end + 1) };
    });
}

/** Whether the document's output is what was printed, `...` lines aside. */
export function isAsPrinted(documented: string, printed: string): boolean {
  const pattern = documented
    .split(/^ *\.\.\.\n/m)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("(?:.*\\n)*?");
  return new RegExp(`^${pattern}$`).test(printed);
}
