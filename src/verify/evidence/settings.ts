/** Settings of Open vSwitch and of the node that bear on offload, as a recording keeps them. */

import { z } from "zod";

const bridgeState = z.object({
  failMode: z.enum(["secure", "standalone", "unset"]).optional().catch(undefined),
  hidden: z.array(z.string()).readonly().optional(),
  fragments: z.string().optional(),
});

const schema = z.looseObject({
  /** `other_config:hw-offload` */
  hwOffload: z.boolean().optional(),
  /** `other_config:tc-policy` */
  tcPolicy: z.string().optional(),
  /** `datapath_type` by bridge. */
  datapathTypes: z.record(z.string(), z.string()).optional(),
  /** What a bridge does besides its flows, by bridge (switch/bridge-state.ts). */
  bridgeStates: z.record(z.string(), bridgeState).optional(),
  openVswitch: z.string().optional(),
  kernel: z.string().optional(),
});

export type Settings = z.output<typeof schema>;

/** Nothing where the text is no settings: less is known then. */
export function readSettings(text: string): Settings {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}

export function printSettings(settings: Settings): string {
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}
