/** Parts of sentences that doctor's words share. */

export interface DoctorWords {
  readonly seen: string;
  readonly why: string;
  /** With a command that one can paste, where there is one; absent where nothing is to be done. */
  readonly todo?: string;
}

/** Most names that one sentence holds; JSON has all of them. */
const most = 6;

/** `a`, `b` and 3 more. */
export function named(names: readonly string[]): string {
  const shown = names.slice(0, most).map((name) => `\`${name}\``);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}

export function counted(count: number, noun: string, nouns = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : nouns}`;
}

/** One command for each of several names: pasted as one line. */
export function forEach(
  names: readonly string[],
  variable: string,
  command: (name: string) => string,
): string {
  const [only] = names;
  return names.length === 1 && only !== undefined
    ? `\`${command(only)}\``
    : `\`for ${variable} in ${names.join(" ")}; do ${command(`$${variable}`)}; done\``;
}

export const restart: string =
  "`systemctl restart openvswitch-switch` (on RHEL: `openvswitch`); traffic stops while it starts, and the bridges are empty afterwards: install again";
