/** The shapes of what `verify --wait` and `verify --watch` print as JSON. */

import * as z from "zod";

export const waitSchema = z.strictObject({
  version: z.literal(1),
  inHardware: z.boolean(),
  seconds: z.number().nonnegative(),
  missing: z.array(z.string()).describe("one sentence for each connection or rule that is missing"),
});

/** One line. */
export const watchSchema = z.strictObject({
  time: z.iso.datetime(),
  rail: z.string(),
  kind: z
    .enum(["begun", "fell-out", "returned", "moved", "appeared", "ended", "found", "gone"])
    .describe("stable; `begun` is the first of a rail"),
  message: z.string().describe("the words may change"),
});

export type WaitDocument = z.output<typeof waitSchema>;
export type WatchDocument = z.output<typeof watchSchema>;
