/** What `npm pack` ships: installed into an empty folder, it must run, and hold nothing that is not needed. */

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const root = new URL("..", import.meta.url).pathname;
let folder: string;
let packed: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "railfence-package-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: root,
  });
  const [tarball] = JSON.parse(stdout.slice(stdout.indexOf("["))) as {
    filename: string;
    files: { path: string }[];
  }[];
  if (tarball === undefined) throw new Error("npm pack made nothing");
  packed = tarball.files.map(({ path }) => path);
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  const install = ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball.filename];
  await run("npm", install, { cwd: folder });
  await cp(join(root, "policies"), join(folder, "policies"), { recursive: true });
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const railfence = (...words: string[]) =>
  run(join(folder, "node_modules/.bin/railfence"), words, { cwd: folder });

test("holds bin, dist, grammar, schema and the documents, and nothing else", async () => {
  const top = new Set(packed.map((path) => path.split("/")[0]));
  expect([...top].sort()).toEqual(
    [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "bin",
      "dist",
      "grammar",
      "package.json",
      "schema",
    ].sort(),
  );
  expect(packed.filter((path) => /\.(ts|map)$/.test(path) && !path.endsWith(".d.ts"))).toEqual([]);
});

test("answers --version", async () => {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  expect((await railfence("--version")).stdout).toBe(`${version}\n`);
});

test("checks and compiles the sample", async () => {
  const { stdout } = await railfence("check", "policies/acp");
  expect(stdout).toMatch(
    /^\d+ sentences, \d+ rules, \d+ tests passed(, \d+ budget not checked: .*)?\n$/,
  );
  const inventory = "policies/acp/inventory.json";
  const flows = await railfence(
    "compile",
    "policies/acp",
    "--inventory",
    inventory,
    "--node",
    "gpu-001",
  );
  expect(flows.stdout).toMatch(/^# classify: /m);
});

test("is a typed library", async () => {
  await mkdir(join(folder, "node_modules/@types"), { recursive: true });
  await symlink(join(root, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  await writeFile(
    join(folder, "use.ts"),
    `import { checkPolicy, loadPolicy, type CheckedPolicy } from "railfence";
const texts = new Map([["a.policy", "rail pf1 tenant a { namespace a } service roce = 4791/udp allow a <-> a : roce"]]);
const { files } = await loadPolicy(["a.policy"], (path) => texts.get(path) ?? "");
const policy: CheckedPolicy | undefined = checkPolicy(files, { today: "2030-01-01" }).policy;
console.log(policy?.rules.length);
`,
  );
  const tsc = join(root, "node_modules/.bin/tsc");
  const flags = ["--strict", "--module", "nodenext", "--target", "es2023", "--types", "node"];
  await run(tsc, [...flags, "use.ts"], { cwd: folder });
  expect((await run("node", ["use.js"], { cwd: folder })).stdout).toBe("1\n");
}, 60_000);
