/** The shape of a warning of a bridge as JSON: of `plan`, `install` and `verify`. */

import { z } from "zod";

const switchWarning = z.strictObject({
  kind: z.enum(["fail-mode", "normal-flow", "in-band", "fail-open", "fragments"]),
  bridge: z.string(),
  when: z
    .enum(["now", "later"])
    .describe("the fence does not hold as it is, or will not once the bridge has lost its flows"),
  message: z.string().describe("what was seen"),
  why: z.string(),
  help: z.string().describe("what to do"),
  flow: z
    .string()
    .optional()
    .describe("of normal-flow, in-band (the first one) and fail-open: as Open vSwitch writes it"),
});

export const switchWarnings = z
  .array(switchWarning)
  .describe("what lets frames past the fence, now or once Open vSwitch has lost its flows");

export type SwitchWarningDocument = z.output<typeof switchWarning>;
