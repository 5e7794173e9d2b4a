/** What a bridge does besides its flows: nothing of it is in `ovs-ofctl dump-flows`, and all of it may go past a fence. */

import { SwitchError } from "./errors.js";
import { type FailMode, readFailMode } from "./fail-mode.js";
import type { OpenVswitch } from "./open-vswitch.js";

export interface BridgeState {
  readonly failMode?: FailMode | undefined;
  /** Flows that OpenFlow does not show (hidden-flows.ts), as `bridge/dump-flows` prints them. */
  readonly hidden?: readonly string[] | undefined;
  /** What becomes of IP fragments (`ovs-ofctl get-frags`). */
  readonly fragments?: string | undefined;
}

/** What cannot be known is left out: of a bridge elsewhere, or where nobody answers. Never rejects. */
export async function readBridgeState(ovs: OpenVswitch, bridge: string): Promise<BridgeState> {
  const [failMode, hidden, fragments] = await Promise.all([
    readFailMode(ovs, bridge),
    orUnknown(ovs.dumpHiddenFlows(bridge)),
    orUnknown(ovs.fragmentMode(bridge)),
  ]);
  return {
    ...(failMode === undefined ? {} : { failMode }),
    ...(hidden === undefined ? {} : { hidden }),
    ...(fragments === undefined ? {} : { fragments }),
  };
}

async function orUnknown<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof SwitchError) return undefined;
    throw error;
  }
}
