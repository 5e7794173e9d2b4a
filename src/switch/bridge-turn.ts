/** Taking turns on a bridge: who works on it now, and who wrote to it last. */

import { randomUUID } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { type LockOptions, lockBridge, lockPathOf } from "./bridge-lock.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { waitForOrphans } from "./orphans.js";

/** Runs `work` while no other railfence works on this bridge. @throws {SwitchError} `busy` */
export async function withBridgeLock<T>(
  ovs: OpenVswitch,
  bridge: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await lockBridge(pathOf(ovs, bridge), options);
  try {
    if (lock.inherited) await waitForOrphans(ovs.targetOf(bridge));
    return await work();
  } finally {
    lock.release();
  }
}

/**
 * To be done with the lock held, before anything is sent: whoever knows the bridge by an earlier stamp must read it
 * again. Nothing for a bridge elsewhere: those who write to it from there would not see it.
 */
export function stampBridge(ovs: OpenVswitch, bridge: string): string | undefined {
  if (ovs.bridgeTarget !== undefined) return undefined;
  const stamp = randomUUID();
  overwrite(stampPathOf(ovs, bridge), stamp);
  return stamp;
}

/** Stamps are all equally long. Not truncated first: ext4 then waits for the disk (ext4(5), auto_da_alloc). */
function overwrite(path: string, text: string): void {
  let file: number;
  try {
    file = openSync(path, "r+");
  } catch {
    writeFileSync(path, text);
    return;
  }
  try {
    writeSync(file, text, 0);
  } finally {
    closeSync(file);
  }
}

/** Undefined before the first one, and for a bridge elsewhere. */
export function stampOf(ovs: OpenVswitch, bridge: string): string | undefined {
  try {
    return readFileSync(stampPathOf(ovs, bridge), "utf8");
  } catch {
    return undefined;
  }
}

function stampPathOf(ovs: OpenVswitch, bridge: string): string {
  return `${pathOf(ovs, bridge)}-stamp`;
}

function pathOf(ovs: OpenVswitch, bridge: string): string {
  const directory = ovs.bridgeTarget === undefined ? ovs.runDirectory : undefined;
  return lockPathOf(directory, ovs.targetOf(bridge));
}
