/** What the exit code tells a script. */

export const exitCode = {
  asIntended: 0,
  /** Environment, files, Open vSwitch. */
  couldNot: 1,
  /** Policy, inventory or arguments. */
  rejected: 2,
  /** The switch differs from the policy, or a rule's traffic is not in hardware. */
  differs: 3,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
