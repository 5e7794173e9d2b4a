/** What leaves a fence open, on stderr beside the result of the command that saw it. */

import type { SwitchWarning } from "../switch/switch-warning.js";

export function printSwitchWarning({ message, why, help, flow }: SwitchWarning): string {
  const lines = [`warning: ${message}`];
  if (flow !== undefined) lines.push(`flow: ${flow}`);
  lines.push(`why: ${why}`, `help: ${help}`);
  return `${lines.join("\n")}\n`;
}
