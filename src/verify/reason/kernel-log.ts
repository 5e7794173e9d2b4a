/** What the driver of a port has written into the kernel's log. */

import type { Exhibit } from "../evidence/evidence.js";
import type { Suspect } from "./suspect.js";

/** Lines about the port, each message once: they name the port, and not the flow. */
export function loggedByDriver({ evidence, inPort }: Suspect): readonly Exhibit[] {
  const lines = new Map<string, string>();
  for (const line of evidence.kernelLog ?? [])
    if (line.includes(` ${inPort}: `)) lines.set(messageIn(line), line);
  return [...lines.values()].map((said) => ({ source: "kernel-log", where: "kernel log", said }));
}

/** `[   12.3] mlx5_core 0000:08:00.0 pf0vf0: MESSAGE` */
export function messageIn(line = ""): string {
  return line.replace(/^(?:\[[^\]]*\] )?\S+ \S+ \S+: /, "");
}
