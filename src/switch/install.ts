/**
 * Brings a bridge to the flows of a compiled rail: read, compare, one bundle, read back, compare. Killed between any two
 * steps it leaves the old flows or the new ones, and the next run begins by reading.
 */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { type BridgeLock, type LockOptions, lockBridge, lockPathOf } from "./bridge-lock.js";
import { SwitchError } from "./errors.js";
import { type FlowText, printFlowText } from "./flow-text.js";
import type { Bundle, OpenVswitch } from "./open-vswitch.js";
import { waitForOrphans } from "./orphans.js";
import { isEmpty, type Plan, planFlows } from "./plan.js";
import { FlowPrinter } from "./print-rail.js";
import { explainRefusal } from "./refused-flow.js";

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
    await carryOut(ovs, plan, wanted, options, rail);
    return { plan, sent: !isEmpty(plan), flows: wanted.length };
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
    return { plan, sent: !isEmpty(plan), flows: 0 };
  });
}

export async function planUninstall(ovs: OpenVswitch, bridge: string): Promise<Plan> {
  return planFlows(bridge, await ovs.readFlowTexts(bridge), []);
}

export function bundleOf(plan: Plan): Bundle {
  // adding a flow with the same table, priority and match replaces it (OpenFlow 1.4, section 6.4)
  return { adds: [...plan.adds, ...plan.changes.map(({ after }) => after)], deletes: plan.deletes };
}

/** Runs `work` while no other railfence works on this bridge. @throws {SwitchError} `busy` */
export async function withBridgeLock<T>(
  ovs: OpenVswitch,
  bridge: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const target = ovs.targetOf(bridge);
  const directory = ovs.bridgeTarget === undefined ? ovs.runDirectory : undefined;
  const lock: BridgeLock = await lockBridge(await lockPathOf(directory, target), options);
  try {
    if (lock.inherited) await waitForOrphans(target);
    return await work();
  } finally {
    await lock.release();
  }
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
  await send(ovs, plan.bridge, bundleOf(plan), rail);
  await options.onStep?.("sent");
  confirm(planFlows(plan.bridge, await ovs.readFlowTexts(plan.bridge), wanted));
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

function confirm(rest: Plan): void {
  if (isEmpty(rest)) return;
  const first = rest.adds[0] ?? rest.changes[0]?.after ?? rest.deletes[0];
  const flow = first === undefined ? undefined : printFlowText(first);
  const count = rest.adds.length + rest.changes.length + rest.deletes.length;
  throw new SwitchError({
    kind: "read-back",
    message: `bridge \`${rest.bridge}\` took the flows, yet ${count} of them are not as sent: \`${flow}\``,
    help: "somebody else may change the bridge at the same time: run again",
    bridge: rest.bridge,
    flow,
  });
}
