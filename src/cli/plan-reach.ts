/** What an install opens and closes on one bridge, from the flows that are there and those that will be. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { isOurCookie } from "../openflow/our-cookie.js";
import type { PortNumbers } from "../openflow/print.js";
import { readFlows } from "../openflow/read.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Inventory } from "../policy/inventory.js";
import { type ReachLine, reachLines } from "../report/install-reach-text.js";
import type { OpenVswitch } from "../switch/open-vswitch.js";
import { installReach } from "../verify/install-reach/install-reach.js";
import { DiagramLimitError } from "../verify/proof/diagram.js";
import type { Progress } from "./progress.js";

export interface PlannedReach {
  readonly lines: readonly ReachLine[];
  /** Of which it cannot be said; every port where a line of the dump could not be read. */
  readonly unknownPorts: readonly string[];
}

export const noReach: PlannedReach = { lines: [], unknownPorts: [] };

export interface ReachInput {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly rail: CompiledRail;
  readonly portNumbers: PortNumbers;
}

export async function reachOfInstall(
  ovs: OpenVswitch,
  { policy, inventory, rail, portNumbers }: ReachInput,
  progress: Progress,
): Promise<PlannedReach> {
  const { bridge } = rail.ports;
  const text = await ovs.dumpFlows(bridge);
  progress.step(`comparing what bridge ${bridge} lets through`);
  const { flows: before, problems } = readFlows({ name: bridge, text });
  const everything = { lines: [], unknownPorts: ["every port"] };
  if (problems.length > 0) return everything;
  const after = [...rail.flows, ...before.filter(({ cookie }) => !isOurCookie(cookie))];
  const { node, rail: name } = rail;
  try {
    const about = { policy, inventory, node, rail: name, portNumbers };
    const { changes, unknownPorts } = installReach({ ...about, before, after });
    return { lines: reachLines(changes, policy, name), unknownPorts };
  } catch (error) {
    if (error instanceof DiagramLimitError) return everything;
    throw error;
  }
}

/** Nothing where nothing changes. */
export function printReach(
  { lines, unknownPorts }: PlannedReach,
  rail: string,
  colour: boolean,
): string {
  if (lines.length + unknownPorts.length === 0) return "";
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const opens = lines.filter(({ way }) => way === "opens").length;
  return [
    `${rail}: reachability: ${opens} gained, ${lines.length - opens} lost`,
    ...lines.map(({ way, text: words }) =>
      way === "opens" ? paint(32, `  + ${words}`) : paint(31, `  - ${words}`),
    ),
    ...(unknownPorts.length === 0
      ? []
      : [`  not known for ${unknownPorts.join(", ")}: flows there do what cannot be interpreted`]),
    "",
  ].join("\n");
}

export function reachObject({ lines, unknownPorts }: PlannedReach) {
  const of = (wanted: ReachLine["way"]) =>
    lines.filter(({ way }) => way === wanted).map(({ text }) => text);
  return { opens: of("opens"), closes: of("closes"), unknownPorts: [...unknownPorts] };
}
