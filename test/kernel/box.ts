/** Boots the box, runs one scenario in it and brings its result out. Ends always: a time limit, and no QEMU without us. */

import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { buildImage, type Image } from "./image.js";
import { here, repository } from "./readiness.js";

export interface BoxOptions {
  /** A file of `scenarios/`, without its ending, or the path of another one. */
  readonly scenario: string;
  /** Where the result and the logs go; what an earlier run left there is removed. */
  readonly out: string;
  readonly limitSeconds?: number;
  /** One line of progress. */
  readonly say?: (line: string) => void;
}

export interface BoxRun {
  /** What the scenario returned. */
  readonly value: unknown;
  readonly seconds: number;
}

/** @throws when the box does not come up, runs out of time, or the scenario throws; the message names the logs */
export async function runInBox(options: BoxOptions): Promise<BoxRun> {
  const begun = performance.now();
  const seconds = () => (performance.now() - begun) / 1000;
  const say = (line: string) => options.say?.(`[${seconds().toFixed(0).padStart(3)} s] ${line}`);
  const out = resolve(options.out);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const [image] = await Promise.all([buildImage(say), bundle(options.scenario, out)]);
  for (const tool of image.tools) copyFileSync(tool, join(out, basename(tool)));
  writeFileSync(join(out, "start.sh"), startScript());
  say(`booting Debian's kernel ${image.release} in QEMU (software emulation)`);
  const ending = await boot(image, out, options.limitSeconds ?? 240, say);
  return { value: readResult(out, ending), seconds: seconds() };
}

/** One file for Node, railfence and all: in the box every file is a conversation with the host. */
async function bundle(scenario: string, out: string): Promise<void> {
  const path = scenario.includes("/")
    ? resolve(scenario)
    : join(here, "scenarios", `${scenario}.ts`);
  if (!existsSync(path)) throw new Error(`there is no scenario ${path}`);
  const entry = [
    `import { scenario } from ${JSON.stringify(path)};`,
    `import { runScenario } from ${JSON.stringify(join(here, "guest/run-scenario.ts"))};`,
    "void runScenario(scenario);",
  ];
  const options: BuildOptions = {
    stdin: { contents: entry.join("\n"), resolveDir: here, loader: "ts" },
    outfile: join(out, "scenario.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "silent",
    plugins: [
      {
        name: "files-know-their-place",
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, async ({ path: file }) => {
            const text = await readFile(file, "utf8");
            const own = JSON.stringify(pathToFileURL(file).href);
            return { contents: text.replaceAll("import.meta.url", own), loader: "ts" };
          });
        },
      },
    ],
  };
  await build(options);
}

/** QEMU translates the code that V8 compiles once more: what runs for seconds only is sooner done interpreted. */
const interpreted = "--no-opt --no-sparkplug --max-lazy";

function startScript(): string {
  const path = `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const node = `"${process.execPath}" --max-old-space-size=768 ${interpreted} /run/box/scenario.cjs`;
  return [
    `export PATH="${path}" HOME=/root LC_ALL=C BOX_REPOSITORY="${repository}"`,
    `cd "${repository}"`,
    `${node} </dev/null >/dev/ttyS1 2>/run/box/stderr.log || echo "box: node ended with $?"`,
    "",
  ].join("\n");
}

/** What a machine that lives for a minute, and is emulated, can do without. */
const quick = [
  ...["mitigations=off", "nopti", "nokaslr", "no5lvl", "init_on_alloc=0", "audit=0", "apparmor=0"],
  // or whoever removes a namespace or a qdisc waits for all processors to have been idle
  ...["rcupdate.rcu_expedited=1", "nowatchdog"],
];

function boot(
  image: Image,
  out: string,
  limitSeconds: number,
  say: (line: string) => void,
): Promise<string> {
  const share = (id: string, path: string, more: string) =>
    `local,id=${id},path=${path.replaceAll(",", ",,")},security_model=none,multidevs=remap${more}`;
  const machine = [
    ...["-accel", "tcg,thread=multi", "-cpu", "max", "-m", "1536"],
    ...["-smp", String(Math.min(2, availableParallelism()))],
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    ...["-kernel", image.kernel, "-initrd", image.initramfs],
    ...["-append", ["console=ttyS0 panic=-1 quiet loglevel=4", ...quick].join(" ")],
    ...["-fsdev", share("host", "/", ",readonly=on"), "-fsdev", share("box", out, "")],
    ...["-device", "virtio-9p-pci,fsdev=host,mount_tag=host"],
    ...["-device", "virtio-9p-pci,fsdev=box,mount_tag=box"],
    ...["-serial", `file:${join(out, "console.log")}`, "-serial", "stdio"],
  ];
  // `timeout` ends it when it is late, `--pdeathsig` when this process is gone
  const words = ["--pdeathsig", "TERM", "timeout", "--kill-after=5", String(limitSeconds)];
  const child = spawn("setpriv", [...words, "qemu-system-x86_64", ...machine], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.kill("SIGTERM");
  process.once("exit", stop);
  let complaints = "";
  child.stderr.on("data", (chunk) => {
    complaints += String(chunk);
  });
  createInterface({ input: child.stdout }).on("line", (line) => say(line.replace(/\r$/, "")));
  return new Promise((fulfil, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      process.removeListener("exit", stop);
      if (code === 0) fulfil("");
      else if (code === 124 || code === 137)
        fulfil(`the box was not done after ${limitSeconds} s and was ended`);
      else fulfil(`QEMU ended with code ${code}: ${complaints.trim()}`);
    });
  });
}

function readResult(out: string, ending: string): unknown {
  const file = join(out, "result.json");
  if (!existsSync(file)) {
    const reason = ending || "the box went off without a result";
    throw new Error(`${reason}\nconsole.log ends with:\n${lastLines(join(out, "console.log"))}
stderr.log ends with:\n${lastLines(join(out, "stderr.log"))}\nall logs: ${out}`);
  }
  const result: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof result !== "object" || result === null) throw new Error(`${file} holds no object`);
  if ("error" in result) throw new Error(`${String(result.error)}\nall logs: ${out}`);
  return "value" in result ? result.value : undefined;
}

function lastLines(file: string): string {
  if (!existsSync(file)) return "(there is none)";
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-12).join("\n");
}
