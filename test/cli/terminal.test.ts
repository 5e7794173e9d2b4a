/** Colour on a terminal only: seen through script(1), which gives a program one. */

import { execFile } from "node:child_process";
import { describe, expect, test } from "vitest";

const wrong = "test/golden/rejected/misspelled-tenant-and-service/input.policy";
const ansi = "\u001b[";

describe("colour", () => {
  test("on a terminal", async () => {
    expect(await onTerminal({})).toContain(ansi);
  });

  test("not with NO_COLOR, and not where the terminal is dumb", async () => {
    expect(await onTerminal({ NO_COLOR: "1" })).not.toContain(ansi);
    expect(await onTerminal({ TERM: "dumb" })).not.toContain(ansi);
  });

  test("an empty NO_COLOR says nothing", async () => {
    expect(await onTerminal({ NO_COLOR: "" })).toContain(ansi);
  });

  test("not into a pipe", async () => {
    const printed = await ended("bash", ["-c", `bin/railfence check ${wrong} 2>&1 | cat`], {});
    expect(printed).toContain("error[unknown-name]");
    expect(printed).not.toContain(ansi);
  });
});

function onTerminal(environment: Record<string, string>): Promise<string> {
  const words = ["-qec", `bin/railfence check ${wrong}`, "/dev/null"];
  return ended("script", words, { TERM: "xterm", ...environment });
}

function ended(program: string, words: string[], environment: Record<string, string>) {
  const { NO_COLOR: _, ...inherited } = process.env;
  const env = { ...inherited, ...environment };
  return new Promise<string>((resolve) =>
    execFile(program, words, { env }, (_error, stdout) => resolve(stdout)),
  );
}
