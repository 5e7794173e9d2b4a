/** Runs every code block of the documents: sessions print what they show, policies check, TypeScript compiles and runs. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrivateSwitch, startPrivateSwitch } from "../src/switch/private-switch.js";
import {
  type Block,
  blocksOf,
  indentedLinesOf,
  isAsPrinted,
  stepsOf,
} from "./support/doc-blocks.js";
import { sampleBridges } from "./support/sample.js";

const run = promisify(execFile);
const root = new URL("..", import.meta.url).pathname;
const documents = await Promise.all(
  ["README.md", "CHANGELOG.md", "policies/README.md"].map(async (name) => {
    const text = await readFile(join(root, name), "utf8");
    return { name, text, blocks: blocksOf(text) };
  }),
);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "railfence-docs-"));
  // a user's project: `import ... from "railfence"` finds this package
  await mkdir(join(folder, "node_modules/@types"), { recursive: true });
  await symlink(root, join(folder, "node_modules/railfence"));
  await symlink(join(root, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  await symlink(join(root, "policies"), join(folder, "policies"));
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(documents)("$name", ({ name, text, blocks }) => {
  const of = (language: string): Block[] => blocks.filter((block) => block.language === language);
  let ovs: PrivateSwitch;

  beforeAll(async () => {
    ovs = await startPrivateSwitch({ bridges: sampleBridges });
    // a later step looks at what an earlier one sent, however slow the machine is
    await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=3600000");
  });

  afterAll(() => ovs?.stop());

  test("every block is of a kind that is run, and code stands in no other", () => {
    const known = ["console", "policy", "ts", "sh", "usage"];
    expect(blocks.map(({ language }) => language).filter((one) => !known.includes(one))).toEqual(
      [],
    );
    expect(indentedLinesOf(text)).toEqual([]);
  });

  describe("sessions", () => {
    // one after the other: later sessions see what earlier ones installed
    for (const block of of("console")) test(`line ${block.line}`, () => playSession(block));
  });

  for (const block of of("policy"))
    test(`policy, line ${block.line}`, async () => {
      const file = join(folder, `block-${block.line}.policy`);
      await writeFile(file, block.text);
      expect(await shell(`railfence check ${file}`)).toMatch(/^\d+ sentences?, /);
    });

  for (const block of of("ts"))
    test(`program, line ${block.line}`, async () => {
      await writeFile(join(folder, `block-${block.line}.ts`), block.text);
      const flags = "--strict --module nodenext --target es2023 --types node --skipLibCheck";
      const compiled = `${root}/node_modules/.bin/tsc ${flags} block-${block.line}.ts`;
      expect(await shell(compiled, folder)).toBe("");
      const printed = await shell(`node block-${block.line}.js`, folder);
      // what a program prints stands in its comments
      for (const [, promised] of block.text.matchAll(/^\/\/ prints (.*)$/gm))
        expect(printed).toContain(promised);
    });

  for (const line of of("usage").flatMap((block) => block.text.trim().split("\n")))
    test(line, async () => {
      const [, command = ""] = line.split(" ");
      const help = await shell(`railfence ${command} --help`);
      for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(help).toContain(`${option} <`);
      for (const [, choices = ""] of line.matchAll(/--\S+ ([a-z]+(?:\|[a-z]+)+)/g))
        for (const choice of choices.split("|")) expect(help).toContain(`"${choice}"`);
    });

  for (const block of of("sh"))
    test(`commands that are not run here, line ${block.line}: scripts exist`, async () => {
      const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
      for (const [, direct, named] of block.text.matchAll(/^npm (?:(test)|run (\S+))/gm))
        expect(Object.keys(scripts)).toContain(direct ?? named);
    });

  async function playSession(session: Block): Promise<void> {
    for (const { command, output } of stepsOf(session.text)) {
      const printed = withoutProgress(await shell(command));
      if (isAsPrinted(output, printed)) continue;
      if (process.env["UPDATE_DOCS"] === "1") await rewrite(command, output, printed);
      else expect(`$ ${command}\n${printed}`).toBe(`$ ${command}\n${output}`);
    }
  }

  /** With UPDATE_DOCS=1 a document follows what is printed; read the difference before you commit it. */
  async function rewrite(command: string, output: string, printed: string): Promise<void> {
    const file = join(root, name);
    const session = (shown: string) => `$ ${command}\n${shown}`;
    const rewritten = (await readFile(file, "utf8")).replace(session(output), () =>
      session(printed),
    );
    await writeFile(file, rewritten);
  }

  async function shell(command: string, cwd = root): Promise<string> {
    const environment = {
      ...process.env,
      PATH: [join(root, "bin"), process.env["PATH"]].join(delimiter),
      OVS_RUNDIR: ovs.runDirectory,
    };
    try {
      const options = { cwd, env: environment, maxBuffer: 2 ** 26 };
      return (await run("bash", ["-c", `{ ${command}\n} 2>&1`], options)).stdout;
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }
});

/** What takes longer than a second is said to be under way: on this machine, now, and not on the reader's. */
function withoutProgress(printed: string): string {
  return printed.replace(/^[a-z]+ing .* \.\.\.\n/gm, "");
}
