/** Reads the text format of Prometheus, version 0.0.4, as strictly as its documentation is written. */

export interface Exposed {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly { readonly labels: Record<string, string>; readonly value: number }[];
}

interface Family {
  type: string;
  help: string;
  samples: { labels: Record<string, string>; value: number }[];
}

/** @throws where a line is none of the format, or a sample stands outside its family */
export function readExposition(text: string): Map<string, Exposed> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, Family>();
  let last: { name: string; family: Family } | undefined;
  for (const line of text.slice(0, -1).split("\n")) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (help?.[1] !== undefined) {
      if (families.has(help[1])) throw new Error(`${help[1]} is there twice`);
      last = { name: help[1], family: { help: help[2] ?? "", type: "", samples: [] } };
      families.set(help[1], last.family);
    } else if (type !== null) {
      if (last === undefined || last.name !== type[1] || last.family.type !== "")
        throw new Error(`TYPE out of place: ${line}`);
      last.family.type = type[2] ?? "";
    } else {
      const sample = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)$/.exec(line);
      if (sample === null) throw new Error(`no sample: ${line}`);
      if (last === undefined || last.name !== sample[1] || last.family.type === "")
        throw new Error(`a sample outside its family: ${line}`);
      const value = Number(sample[3]);
      if (Number.isNaN(value)) throw new Error(`no number: ${line}`);
      last.family.samples.push({ labels: readLabels(sample[2] ?? "{}"), value });
    }
  }
  return families;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text.slice(1, -1);
  while (rest !== "") {
    const found = /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/.exec(rest);
    if (found === null) throw new Error(`no labels: ${text}`);
    const value = (found[2] ?? "").replace(/\\([\\"n])/g, (_, one) => (one === "n" ? "\n" : one));
    labels[found[1] ?? ""] = value;
    rest = rest.slice(found[0].length);
  }
  return labels;
}
