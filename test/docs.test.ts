/** Runs every code block of README.md: sessions print what they show, policies check, TypeScript compiles and runs. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrivateSwitch, startPrivateSwitch } from "../src/switch/private-switch.js";
import { type Block, blocksOf, isAsPrinted, stepsOf } from "./support/doc-blocks.js";
import { sampleBridges } from "./support/sample.js";

const run = promisify(execFile);
const root = new URL("..", import.meta.url).pathname;
const readme = join(root, "README.md");
const samples = join(root, "policies/README.md");
const blocks = blocksOf(await readFile(readme, "utf8"));

let ovs: PrivateSwitch;
let folder: string;

beforeAll(async () => {
  ovs = await startPrivateSwitch({ bridges: sampleBridges });
  // a later step looks at what an earlier one sent, however slow the machine is
  await ovs.vsctl("set", "Open_vSwitch", ".", "other_config:max-idle=3600000");
  folder = await mkdtemp(join(tmpdir(), "railfence-docs-"));
  // a user's project: `import ... from "railfence"` finds this package
  await mkdir(join(folder, "node_modules/@types"), { recursive: true });
  await symlink(root, join(folder, "node_modules/railfence"));
  await symlink(join(root, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  await symlink(join(root, "policies"), join(folder, "policies"));
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
});

afterAll(async () => {
  await ovs?.stop();
  await rm(folder, { recursive: true, force: true });
});

test("every block of README.md is of a kind that is run", () => {
  const known = ["console", "policy", "ts", "sh", "usage"];
  expect(blocks.map(({ language }) => language).filter((one) => !known.includes(one))).toEqual([]);
});

describe("README.md, sessions", () => {
  // one after the other: later sessions see what earlier ones installed
  for (const block of of("console")) test(`line ${block.line}`, () => playSession(readme, block));
});

describe("policies/README.md, sessions", async () => {
  for (const block of blocksOf(await readFile(samples, "utf8")))
    test(`line ${block.line}`, () => playSession(samples, block));
});

describe("README.md, policies", () => {
  test.each(of("policy").map((block) => [block.line, block]))("line %i", async (line, block) => {
    const file = join(folder, `block-${line}.policy`);
    await writeFile(file, block.text);
    expect(await shell(`railfence check ${file}`)).toMatch(/^\d+ sentences?, /);
  });
});

describe("README.md, programs", () => {
  test.each(of("ts").map((block) => [block.line, block]))("line %i", async (line, block) => {
    await writeFile(join(folder, `block-${line}.ts`), block.text);
    const flags = "--strict --module nodenext --target es2023 --types node --skipLibCheck";
    expect(await shell(`${root}/node_modules/.bin/tsc ${flags} block-${line}.ts`, folder)).toBe("");
    const printed = await shell(`node block-${line}.js`, folder);
    // what a program prints stands in its comments
    for (const [, promised] of block.text.matchAll(/^\/\/ prints (.*)$/gm))
      expect(printed).toContain(promised);
  });
});

describe("README.md, usage", () => {
  const lines = of("usage").flatMap(({ text }) => text.trim().split("\n"));
  test.each(lines)("%s", async (line) => {
    const [, command = ""] = line.split(" ");
    const help = await shell(`railfence ${command} --help`);
    for (const [option] of line.matchAll(/--[a-z-]+/g)) expect(help).toContain(`${option} <`);
    for (const [, choices = ""] of line.matchAll(/--\S+ ([a-z]+(?:\|[a-z]+)+)/g))
      for (const choice of choices.split("|")) expect(help).toContain(`"${choice}"`);
  });
});

describe("README.md, commands that are not run here", () => {
  test.each(of("sh").map((block) => [block.line, block]))(
    "line %i: scripts exist",
    async (_, block) => {
      const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
      for (const [, direct, named] of block.text.matchAll(/^npm (?:(test)|run (\S+))/gm))
        expect(Object.keys(scripts)).toContain(direct ?? named);
    },
  );
});

function of(language: string): Block[] {
  return blocks.filter((block) => block.language === language);
}

async function playSession(document: string, session: Block): Promise<void> {
  for (const { command, output } of stepsOf(session.text)) {
    const printed = withoutProgress(await shell(command));
    if (isAsPrinted(output, printed)) continue;
    if (process.env["UPDATE_DOCS"] === "1") await rewrite(document, command, output, printed);
    else expect(`$ ${command}\n${printed}`).toBe(`$ ${command}\n${output}`);
  }
}

/** What takes longer than a second is said to be under way: on this machine, now, and not on the reader's. */
function withoutProgress(printed: string): string {
  return printed.replace(/^[a-z]+ing .* \.\.\.\n/gm, "");
}

/** With UPDATE_DOCS=1 a document follows what is printed; read the difference before you commit it. */
async function rewrite(document: string, command: string, output: string, printed: string) {
  const text = await readFile(document, "utf8");
  const session = (shown: string) => `$ ${command}\n${shown}`;
  await writeFile(
    document,
    text.replace(session(output), () => session(printed)),
  );
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
