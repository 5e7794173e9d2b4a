/** Progress speaks only when somebody has begun to wait. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startProgress } from "../../src/cli/progress.js";
import type { Terminal } from "../../src/cli/terminal.js";

let said: string;
const terminal = {
  err: (text: string) => {
    said += text;
  },
} as Terminal;

beforeEach(() => {
  said = "";
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a quick step says nothing", () => {
  const progress = startProgress(terminal);
  progress.step("reading");
  vi.advanceTimersByTime(900);
  progress.end();
  vi.advanceTimersByTime(5_000);
  expect(said).toBe("");
});

test("a slow step speaks after a second, and so does every step after it", () => {
  const progress = startProgress(terminal);
  progress.step("reading");
  vi.advanceTimersByTime(1_100);
  expect(said).toBe("reading ...\n");
  progress.step("comparing");
  expect(said).toBe("reading ...\ncomparing ...\n");
});

test("a step that will block speaks at once", () => {
  startProgress(terminal).step("compiling", true);
  expect(said).toBe("compiling ...\n");
});
