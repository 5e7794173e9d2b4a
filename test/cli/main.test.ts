/** The command line as a whole: help, wrong arguments, defects, and the real process. */

import { execFile, spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { main } from "../../src/cli/main.js";
import { railfence } from "../support/command.js";

const commands = ["check", "compile", "plan", "install", "uninstall", "verify", "show"];

describe("help", () => {
  test("of the program lists every command", async () => {
    const { code, out, err } = await railfence(["--help"]);
    expect([code, err]).toEqual([0, ""]);
    for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  test.each(commands)("of %s has an example", async (command) => {
    const { code, out } = await railfence([command, "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("Example:");
    expect(out).toMatch(new RegExp(`^  \\$ .*railfence ${command}`, "m"));
    expect(await railfence(["help", command])).toMatchObject({ code: 0, out });
  });
});

describe("arguments that make no sense end with 2 and say what to do", () => {
  test.each([
    [["chekc"], "error: unknown command `chekc`\nhelp: did you mean `check`?\n"],
    [["check"], /^error: missing required argument `path`\nhelp: /],
    [
      ["check", "a", "--fail-level", "none"],
      /^error: option `--fail-level <level>` argument `none`/,
    ],
    [["check", "a", "--today", "2026-02-30"], /not a day of the calendar/],
    [["compile", "policies/acp", "--node", "gpu-001"], /required option `--inventory <file>`/],
  ])("%j", async (words, complaint) => {
    const { code, out, err } = await railfence(words);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(complaint);
  });

  test("a node that the inventory lacks", async () => {
    const words = ["compile", "policies/acp", "--inventory", "policies/acp/inventory.json"];
    const { code, err } = await railfence([...words, "--node", "gpu-01"]);
    expect(code).toBe(2);
    expect(err).toContain("did you mean `gpu-001`?");
  });
});

test("no command: help on stderr, 2", async () => {
  const { code, out, err } = await railfence([]);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("Usage: railfence");
});

test("a defect of ours asks to be reported, and shows no stack", async () => {
  let err = "";
  const code = await main(["show"], {
    out: () => {
      throw new TypeError("x is not a function");
    },
    err: (text) => {
      err += text;
    },
    colour: { out: false, err: false },
    environment: {},
    today: () => "2026-01-01",
    standardInput: async () => "priority=1 actions=drop\n",
  });
  expect(code).toBe(1);
  expect(err).toMatch(/^internal error: x is not a function\nhelp: .*report it/);
  expect(err).not.toContain("    at ");
});

describe("the program bin/railfence", () => {
  test("--version is the package's", async () => {
    const { stdout } = await ended(["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("a full disk is said in one line, with 1", async () => {
    const words = ["-c", "bin/railfence check policies/acp > /dev/full; echo $?"];
    const { stdout, stderr } = await ended(words, "bash");
    expect(stderr).toMatch(/^error: cannot write the result: ENOSPC.*\n$/);
    expect(stdout).toBe("1\n");
  });

  test("Ctrl-C ends it at once and silently", async () => {
    const child = spawn("bin/railfence", ["show"]);
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        printed += String(chunk);
      });
    setTimeout(() => child.kill("SIGINT"), 500);
    const signal = await new Promise((resolve) => child.once("close", (_, name) => resolve(name)));
    expect([signal, printed]).toEqual(["SIGINT", ""]);
  });

  test("a reader that goes away ends it quietly", async () => {
    const words = "compile policies/acp --inventory policies/acp/inventory.json --node gpu-001";
    const child = spawn("bash", ["-c", `bin/railfence ${words} --today 2026-06-01 | head -1`]);
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => {
        printed += String(chunk);
      });
    await new Promise((resolve) => child.once("close", resolve));
    expect(printed).toBe("# node gpu-001, rail pf1 (routed), bridge br-pf1\n");
  });
});

function ended(
  words: readonly string[],
  program = "bin/railfence",
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(program, words, (_, stdout, stderr) => resolve({ stdout, stderr })),
  );
}

describe("--table-base", () => {
  const words = ["policies/first", "--inventory", "policies/first/inventory.json"];
  const compile = (base: string) =>
    railfence(["compile", ...words, "--node", "gpu-001", "--table-base", base]);

  test("is the first table's number, and nothing stands below", async () => {
    const { code, out } = await compile("20");
    expect(code).toBe(0);
    const tables = [...out.matchAll(/table=(\d+)/g)].map(([, number]) => Number(number));
    expect(Math.min(...tables)).toBe(20);
  });

  test("that leaves too few tables, or is none, is rejected", async () => {
    const high = await compile("250");
    expect(high.code).toBe(2);
    expect(high.err).toMatch(
      /^error: `--table-base 250` is too high: a bridged rail takes \d+ tables/,
    );
    expect((await compile("-1")).code).toBe(2);
    expect((await compile("254")).code).toBe(2);
  });
});
