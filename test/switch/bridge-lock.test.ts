/** One railfence at a time on a bridge, whoever dies. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lockBridge, lockPathOf } from "../../src/switch/bridge-lock.js";
import { thisProcess } from "../../src/switch/process-identity.js";

const folder = mkdtempSync(join(tmpdir(), "railfence-lock-"));
afterAll(() => rmSync(folder, { recursive: true }));

const holder = (changed: object) => JSON.stringify({ ...thisProcess(), token: "t", ...changed });
let count = 0;
const newPath = () => join(folder, `${count++}.lock`);
const impatient = { patienceMs: 30 };

test("a lock is given back and leaves nothing", async () => {
  const path = newPath();
  const lock = await lockBridge(path);
  await expect(lockBridge(path, impatient)).rejects.toMatchObject({ kind: "busy" });
  lock.release();
  (await lockBridge(path)).release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["a process that is gone", { pid: 2 ** 22 - 1 }],
  ["another process with the number of one that is gone", { startTime: "1" }],
])("the lock of %s is taken over", async (_, changed) => {
  const path = newPath();
  writeFileSync(path, holder(changed));
  const lock = await lockBridge(path, impatient);
  expect(lock.inherited).toBe(true);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test("an heir that died half-way is inherited too", async () => {
  const path = newPath();
  writeFileSync(path, holder({ startTime: "1", token: "first" }));
  writeFileSync(`${path}.first`, holder({ startTime: "2", token: "heir" }));
  (await lockBridge(path, impatient)).release();
  expect(readdirSync(folder)).toEqual([]);
});

test("of many heirs exactly one is at work at a time", async () => {
  const path = newPath();
  writeFileSync(path, holder({ startTime: "1" }));
  let inside = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const lock = await lockBridge(path);
      expect(++inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inside--;
      lock.release();
    }),
  );
  expect(readdirSync(folder)).toEqual([]);
});

test("a holder in another PID namespace cannot be judged, so it holds", async () => {
  const path = newPath();
  writeFileSync(path, holder({ pid: 2 ** 22 - 1, namespace: "pid:[1]" }));
  await expect(lockBridge(path, impatient)).rejects.toMatchObject({
    kind: "busy",
    help: expect.stringContaining(path),
  });
  rmSync(path);
});

test("a lock that nobody can read is an error with its name", async () => {
  const path = newPath();
  writeFileSync(path, "not ours");
  await expect(lockBridge(path, impatient)).rejects.toMatchObject({ kind: "busy" });
  rmSync(path);
});

test("a folder that is not there is an error of the switch", async () => {
  await expect(lockBridge(join(folder, "no", "x.lock"))).rejects.toMatchObject({
    name: "SwitchError",
  });
});

test("the lock stands in the run directory, or where that cannot be in the temporary one", () => {
  expect(lockPathOf(folder, "unix:x")).toMatch(new RegExp(`^${folder}/railfence-\\w+\\.lock$`));
  expect(lockPathOf("/proc/nowhere", "unix:x")).toMatch(new RegExp(`^${tmpdir()}/`));
  expect(lockPathOf(undefined, "tcp:a")).not.toBe(lockPathOf(undefined, "tcp:b"));
});
