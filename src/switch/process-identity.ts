/** Which process a number stands for: numbers are used again, a number with its start time is not. */

import { readFileSync, readlinkSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since boot (proc_pid_stat(5), field 22). */
  readonly startTime: string;
  /** Numbers mean nothing in another PID namespace (pid_namespaces(7)). */
  readonly namespace: string;
}

export function thisProcess(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? "unknown",
    namespace: readNamespace(),
  };
  return own;
}

/** None of it changes while a process lives: Node never forks. */
let own: ProcessIdentity | undefined;

/** Undefined when there is no such process, or only its remains (a zombie). */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // the second field is the program's name in parentheses, which may hold spaces and parentheses itself
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Of a process in another namespace nothing is known, so it counts as alive. */
export function isAlive(process: ProcessIdentity): boolean {
  if (process.namespace !== thisProcess().namespace) return true;
  return startTimeOf(process.pid) === process.startTime;
}

function readNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "unknown";
  }
}
