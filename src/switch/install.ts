/**
 * Brings a bridge to the flows of a compiled rail: read, compare, one bundle, read back, compare. Killed between any two
 * steps it leaves the old flows or the new ones, and the next run begins by reading.
 */

import type { CompiledRail } from "../compile/compiled-rail.js";
import type { LockOptions } from "./bridge-lock.js";
import { readBridgeState } from "./bridge-state.js";
import { stampBridge, withBridgeLock } from "./bridge-turn.js";
import { SwitchError } from "./errors.js";
import { FlowMap } from "./flow-map.js";
import type { FlowText } from "./flow-text.js";
import type { Bundle, OpenVswitch } from "./open-vswitch.js";
import { bundleOf, isEmpty, type Plan, planFlows } from "./plan.js";
import { FlowPrinter } from "./print-rail.js";
import { confirmPlan } from "./read-back.js";
import { explainRefusal } from "./refused-flow.js";
import { type SwitchWarning, warningsOf } from "./switch-warning.js";

export type InstallStep = "locked" | "read" | "sending" | "sent" | "confirmed";

export interface InstallOptions extends LockOptions {
  /** Told at each step, and waited for; `sending` and what follows only if there is something to send. */
  readonly onStep?: ((step: InstallStep) => void | Promise<void>) | undefined;
}

export interface InstallReport {
  /** What was there before. */
  readonly plan: Plan;
  /** Whether anything was sent: not if the bridge held these flows already. */
  readonly sent: boolean;
  /** Flows of ours on the bridge now. */
  readonly flows: number;
  /** What leaves the fence open nevertheless, now or later; none are looked for by `uninstall`. */
  readonly warnings: readonly SwitchWarning[];
}

/** The difference, and nothing sent. @throws {SwitchError} */
export async function planInstall(ovs: OpenVswitch, rail: CompiledRail): Promise<Plan> {
  const { installed, wanted } = await readBoth(ovs, rail);
  return planFlows(rail.ports.bridge, installed, wanted);
}

/** @throws {SwitchError} of any kind; but for `timeout` and `read-back`, the bridge is then as it was */
export async function install(
  ovs: OpenVswitch,
  rail: CompiledRail,
  options: InstallOptions = {},
): Promise<InstallReport> {
  const bridge = rail.ports.bridge;
  return withBridgeLock(ovs, bridge, options, async () => {
    await options.onStep?.("locked");
    const { installed, wanted } = await readBoth(ovs, rail);
    const plan = planFlows(bridge, installed, wanted);
    await options.onStep?.("read");
    const carrying = carryOut(ovs, plan, wanted, options, rail);
    carrying.catch(() => "told by the await below");
    // most of it is answered while Open vSwitch takes the flows
    const state = readBridgeState(ovs, bridge);
    await carrying;
    const warnings = warningsOf(plan, await state);
    return { plan, sent: !isEmpty(plan), flows: wanted.length, warnings };
  });
}

/** Takes away every flow of ours and no other. @throws {SwitchError} */
export async function uninstall(
  ovs: OpenVswitch,
  bridge: string,
  options: InstallOptions = {},
): Promise<InstallReport> {
  return withBridgeLock(ovs, bridge, options, async () => {
    await options.onStep?.("locked");
    const plan = await planUninstall(ovs, bridge);
    await options.onStep?.("read");
    await carryOut(ovs, plan, [], options);
    return { plan, sent: !isEmpty(plan), flows: 0, warnings: [] };
  });
}

export async function planUninstall(ovs: OpenVswitch, bridge: string): Promise<Plan> {
  return planFlows(bridge, await ovs.readFlowTexts(bridge), []);
}

async function readBoth(
  ovs: OpenVswitch,
  rail: CompiledRail,
): Promise<{ readonly installed: FlowText[]; readonly wanted: FlowText[] }> {
  const { bridge } = rail.ports;
  // ovs-ofctl dumps while the flows are printed
  const dump = ovs.readFlowTexts(bridge);
  dump.catch(() => "told by the await below");
  const wanted = new FlowPrinter(await ovs.portNumbers(bridge)).print(rail);
  return { installed: await dump, wanted };
}

async function carryOut(
  ovs: OpenVswitch,
  plan: Plan,
  wanted: readonly FlowText[],
  options: InstallOptions,
  rail?: CompiledRail,
): Promise<void> {
  if (isEmpty(plan)) return;
  await options.onStep?.("sending");
  stampBridge(ovs, plan.bridge);
  const sending = send(ovs, plan.bridge, bundleOf(plan), rail);
  // Open vSwitch is busy for a while: time to prepare for what it must hold then
  const expected = FlowMap.of(wanted);
  await sending;
  await options.onStep?.("sent");
  await confirmPlan(ovs, plan, expected);
  await options.onStep?.("confirmed");
}

/** @throws {SwitchError} `flow-refused` with the rule and its place, or what else went wrong */
export async function send(
  ovs: OpenVswitch,
  bridge: string,
  bundle: Bundle,
  rail?: CompiledRail,
): Promise<void> {
  try {
    await ovs.sendBundle(bridge, bundle);
  } catch (error) {
    throw error instanceof SwitchError ? explainRefusal(error, bundle, rail) : error;
  }
}
