/**
 * One railfence at a time on a bridge. The lock is a file that names its holder; a holder that was killed leaves it
 * behind, and the next process takes it over.
 *
 * Invariant (one heir): a stale lock is replaced only by the process that holds the lock on *that* stale lock, and
 * only after reading it once more; so two heirs never both win, even if one of them is killed half-way.
 */

import { createHash, randomUUID } from "node:crypto";
import {
  accessSync,
  constants,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SwitchError } from "./errors.js";
import { isAlive, type ProcessIdentity, thisProcess } from "./process-identity.js";

export interface LockOptions {
  /** How long another process is waited for. */
  readonly patienceMs?: number | undefined;
  /** Told once, when waiting begins. */
  readonly onWait?: ((holderPid: number) => void) | undefined;
}

export interface BridgeLock {
  /** Whether it was inherited from a process that was killed. */
  readonly inherited: boolean;
  release(): void;
}

interface Holder extends ProcessIdentity {
  /** No two locks ever have the same. */
  readonly token: string;
}

export const defaultPatienceMs = 15_000;
const pollMs = 20;

/** @throws {SwitchError} `busy` */
export async function lockBridge(path: string, options: LockOptions = {}): Promise<BridgeLock> {
  const deadline = Date.now() + (options.patienceMs ?? defaultPatienceMs);
  let told = false;
  for (;;) {
    const outcome = tryLockOrExplain(path);
    if (outcome !== undefined && "release" in outcome) return outcome;
    if (!told && outcome !== undefined) options.onWait?.(outcome.pid);
    told ||= outcome !== undefined;
    if (Date.now() >= deadline) throw busy(path, outcome);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** In the run directory, so that everybody finds it; for another machine's bridge or without rights, the temporary one. */
export function lockPathOf(runDirectory: string | undefined, target: string): string {
  const name = `railfence-${createHash("sha256").update(target).digest("hex").slice(0, 16)}.lock`;
  if (runDirectory === undefined) return join(tmpdir(), name);
  try {
    accessSync(runDirectory, constants.W_OK);
    return join(runDirectory, name);
  } catch {
    return join(tmpdir(), name);
  }
}

function tryLockOrExplain(path: string): BridgeLock | Holder | undefined {
  try {
    return tryLock(path);
  } catch (error) {
    if (error instanceof SwitchError || !(error instanceof Error) || !("code" in error))
      throw error;
    const { code } = error;
    throw new SwitchError({
      kind: code === "EACCES" || code === "EPERM" ? "permission-denied" : "command-failed",
      message: `no lock could be made at \`${path}\`: ${error.message}`,
      cause: error,
    });
  }
}

/** The lock, or who holds it (nobody: it was given back a moment ago). */
function tryLock(path: string): BridgeLock | Holder | undefined {
  const own: Holder = { ...thisProcess(), token: randomUUID() };
  const draft = `${path}.${own.token}`;
  writeFileSync(draft, JSON.stringify(own), { flag: "wx" });
  try {
    // link(2) makes the whole lock or says that there is one: nobody ever reads half a lock
    if (linked(draft, path)) return held(path, false);
    const holder = holderOf(path);
    if (holder === undefined || isAlive(holder)) return holder;
    return inherit(path, holder, draft) ? held(path, true) : holder;
  } finally {
    rmSync(draft, { force: true });
  }
}

function inherit(path: string, dead: Holder, draft: string): boolean {
  const heir = tryLock(`${path}.${dead.token}`);
  if (heir === undefined || !("release" in heir)) return false;
  try {
    if (holderOf(path)?.token !== dead.token) return false;
    renameSync(draft, path);
    return true;
  } finally {
    heir.release();
  }
}

function held(path: string, inherited: boolean): BridgeLock {
  // while this process lives nobody else replaces the lock, so what stands there is ours
  return { inherited, release: () => rmSync(path, { force: true }) };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function holderOf(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new SwitchError({
      kind: "busy",
      message: `the lock \`${path}\` cannot be read`,
      help: "if no other railfence runs, remove it",
      cause: error,
    });
  }
}

function busy(path: string, holder: Holder | undefined): SwitchError {
  const who =
    holder === undefined ? "another railfence" : `another railfence (process ${holder.pid})`;
  return new SwitchError({
    kind: "busy",
    message: `${who} is working on the same bridge`,
    help: `wait for it to end; if there is none, remove \`${path}\``,
  });
}
