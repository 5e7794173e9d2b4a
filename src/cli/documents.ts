/**
 * What commands print with `--format json`: the shapes, and what ships as `schema/*.schema.json`. Commands import the
 * types alone, so that no run waits for zod. `verify` has its own document, in the report room.
 */

import * as z from "zod";
import { switchWarnings } from "../report/switch-warning-schema.js";
import { waitSchema, watchSchema } from "../report/watch-schema.js";

const count = z.int().nonnegative();
const version = z.literal(1);

const place = {
  file: z.string(),
  line: count.describe("from 1"),
  column: count.describe("from 1, in UTF-16 units"),
  endLine: count,
  endColumn: count.describe("one past the last character"),
};

const diagnostic = z.strictObject({
  code: z.string().describe("stable, kebab-case"),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  note: z.string().optional().describe("what stands beside the underlined place"),
  help: z.string().optional(),
  ...place,
  labels: z.array(z.strictObject({ message: z.string(), ...place })),
});

export const checkSchema = z.strictObject({
  version,
  accepted: z.boolean(),
  files: z.array(z.string()),
  sentences: count,
  rules: count.nullable().describe("null if the policy has errors"),
  tests: count.nullable(),
  failedExpectations: count,
  endpoints: count.nullable().describe("null without an inventory"),
  diagnostics: z.array(diagnostic),
});

const because = z
  .union([
    z.strictObject({
      rules: z.array(
        z.strictObject({
          id: z.string(),
          text: z.string(),
          place: z.string().describe("FILE:LINE:COLUMN"),
        }),
      ),
    }),
    z.strictObject({ duty: z.string().describe("what the fence itself does") }),
  ])
  .nullable();

const cookie = z.string().describe("0x and hexadecimal digits");

export const compileSchema = z.strictObject({
  version,
  rails: z.array(
    z.strictObject({
      node: z.string(),
      rail: z.string(),
      mode: z.enum(["routed", "bridged"]),
      bridge: z.string(),
      tables: z.array(z.strictObject({ name: z.string(), number: count, purpose: z.string() })),
      flows: z.array(
        z.strictObject({
          table: count,
          tableName: z.string().nullable(),
          priority: count,
          cookie,
          match: z.string().describe("as ovs-ofctl writes it; empty matches everything"),
          actions: z.string(),
          because,
        }),
      ),
    }),
  ),
});

const plannedFlow = { flow: z.string().describe("as ovs-ofctl writes it"), because };

export const planSchema = z.strictObject({
  version,
  rails: z.array(
    z.strictObject({
      rail: z.string(),
      bridge: z.string(),
      adds: z.array(z.strictObject(plannedFlow)),
      changes: z.array(z.strictObject({ ...plannedFlow, before: z.string() })),
      deletes: z.array(z.strictObject(plannedFlow)),
      unchanged: count,
      foreign: count.describe("flows of others, untouched"),
      reach: z
        .strictObject({
          opens: z.array(z.string()).describe("OPENERS -> ANSWERERS : SERVICES"),
          closes: z.array(z.string()),
          unknownPorts: z
            .array(z.string())
            .describe("of which it cannot be said: flows there do what is not known"),
        })
        .describe("what the install opens and closes, by the flows on the bridge and those after"),
      cost: z
        .strictObject({ megaflows: count, masks: count })
        .describe("of legitimate traffic, by railfence's flows alone, once they are installed"),
      warnings: switchWarnings,
    }),
  ),
});

export const installSchema = z
  .strictObject({
    version,
    rails: z.array(
      z.strictObject({
        rail: z.string(),
        bridge: z.string(),
        sent: z.boolean(),
        flows: count.describe("railfence's flows on the bridge now"),
        added: count,
        changed: count,
        deleted: count,
        unchanged: count,
        foreign: count,
        warnings: switchWarnings,
      }),
    ),
  })
  .describe("of install and of uninstall");

const shownFlow = z.strictObject({
  kind: z.literal("flow"),
  table: count,
  priority: count,
  cookie,
  owner: z.literal("railfence").nullable(),
  match: z.string(),
  actions: z.array(z.string()),
  packets: count.nullable(),
  bytes: count.nullable(),
  durationSeconds: z.number().nullable(),
  understood: z.boolean(),
});

const shownMegaflow = z.strictObject({
  kind: z.literal("megaflow"),
  ufid: z.string().nullable(),
  recircId: count,
  inPort: z.union([z.string(), count]).nullable(),
  match: z.record(z.string(), z.string()).describe("value, or value/mask, of each matched field"),
  actions: z.array(z.string()),
  packets: count,
  bytes: count,
  usedSeconds: z.number().nullable().describe("since the last packet; null for never"),
  offload: z
    .enum(["yes", "partial", "no", "unknown"])
    .describe("unknown in a dump without -m, which does not say"),
  layer: z.string().nullable().describe("tc, ovs, ...; null in a dump without -m"),
  understood: z.boolean(),
  notUnderstood: z.array(z.string()),
});

export const showSchema = z.strictObject({
  version,
  unreadLines: count,
  flows: z.array(z.union([shownFlow, shownMegaflow])),
});

export type CheckDocument = z.output<typeof checkSchema>;
export type CompileDocument = z.output<typeof compileSchema>;
export type PlanDocument = z.output<typeof planSchema>;
export type InstallDocument = z.output<typeof installSchema>;
export type ShowDocument = z.output<typeof showSchema>;

/** By command, as in `schema/COMMAND.schema.json`. */
export const outputSchemas = {
  check: checkSchema,
  compile: compileSchema,
  plan: planSchema,
  install: installSchema,
  show: showSchema,
  "verify-wait": waitSchema,
  "verify-watch": watchSchema,
} as const;
