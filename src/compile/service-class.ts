/**
 * Service classes: what a source may use at all, cut into the fewest pieces between which its destinations
 * differ. Services are looked at before destinations, so that what no peer accepts dies early and its many ways to
 * miss do not multiply with the peers.
 */

import {
  everyNumber,
  type IntervalSet,
  intersectIntervals,
  printIntervals,
  subtractIntervals,
  uniteIntervals,
} from "../net/interval-set.js";
import { protocol } from "../net/protocol.js";
import {
  allTraffic,
  intersectTraffic,
  isNoTraffic,
  noTraffic,
  printTraffic,
  selectorsOf,
  subtractTraffic,
  type Traffic,
  uniteTraffic,
} from "../net/traffic.js";
import type { Rule } from "../policy/checked-policy.js";
import type { Grant } from "./grant.js";

/** By destination group: the rules by whose leave the packets may go there. A group that is absent is closed. */
export type Leave = ReadonlyMap<string, readonly Rule[]>;

export interface ServiceClass {
  /** Says what is in it, so it stays the same as long as its contents do. */
  readonly label: string;
  readonly packets: Traffic;
  /** Source ports of TCP answers. */
  readonly answers: IntervalSet;
  readonly fragments: boolean;
  readonly leave: Leave;
}

/**
 * A TCP packet is in one class by its destination port and may be in another by its source port. Where the first may
 * not go and the second may, the source port is looked at after the destination: wherever else the packet goes, its
 * source port then matters to no megaflow.
 */
export interface LateAnswers {
  readonly label: string;
  readonly classes: readonly ServiceClass[];
}

export function servicesOf(grants: ReadonlyMap<string, Grant>): ServiceClass[] {
  const packets = overlay<Traffic>(
    allTraffic,
    [...grants].flatMap(([group, grant]) =>
      grant.packets.map(({ traffic, rules }) => ({ group, part: traffic, rules })),
    ),
    { intersect: intersectTraffic, subtract: subtractTraffic, isEmpty: isNoTraffic },
  );
  const answers = overlay<IntervalSet>(
    everyNumber,
    [...grants].flatMap(([group, grant]) =>
      grant.answers.map(({ ports, rules }) => ({ group, part: ports, rules })),
    ),
    {
      intersect: intersectIntervals,
      subtract: subtractIntervals,
      isEmpty: (set) => set.length === 0,
    },
  );
  const fragments = new Map<string, readonly Rule[]>();
  for (const [group, grant] of grants)
    if (grant.fragments !== undefined) fragments.set(group, grant.fragments);
  return gather(packets, answers, fragments);
}

/** Who may go there as an answer alone, if its destination port says `forward`; `opens` asks a class for there. */
export function lateAnswersOf(
  classes: readonly ServiceClass[],
  forward: ServiceClass,
  opens: (leave: Leave) => boolean,
): LateAnswers | undefined {
  if (selectorsOf(forward.packets, protocol.tcp).length === 0 || opens(forward.leave))
    return undefined;
  const answering = classes.filter(({ answers, leave }) => answers.length > 0 && opens(leave));
  if (answering.length === 0) return undefined;
  return { label: answering.map(({ label }) => label).join(" or "), classes: answering };
}

interface Cell<Part> {
  readonly part: Part;
  readonly leave: Leave;
}

function overlay<Part>(
  whole: Part,
  shares: readonly { group: string; part: Part; rules: readonly Rule[] }[],
  algebra: {
    intersect: (a: Part, b: Part) => Part;
    subtract: (a: Part, b: Part) => Part;
    isEmpty: (a: Part) => boolean;
  },
): Cell<Part>[] {
  let cells: Cell<Part>[] = [{ part: whole, leave: new Map() }];
  for (const { group, part, rules } of shares)
    cells = cells.flatMap((cell) => {
      const shared = algebra.intersect(cell.part, part);
      if (algebra.isEmpty(shared)) return [cell];
      const granted = { part: shared, leave: new Map([...cell.leave, [group, rules]]) };
      const other = algebra.subtract(cell.part, part);
      return algebra.isEmpty(other) ? [granted] : [granted, { part: other, leave: cell.leave }];
    });
  return cells.filter(({ leave }) => leave.size > 0);
}

/** Merges everything that has the same leave: destinations are written once for all of it. */
function gather(
  packets: readonly Cell<Traffic>[],
  answers: readonly Cell<IntervalSet>[],
  fragments: Leave,
): ServiceClass[] {
  const merged = new Map<string, Omit<ServiceClass, "label">>();
  const put = (leave: Leave, part: Partial<ServiceClass>) => {
    const key = printLeave(leave);
    const before = merged.get(key) ?? { packets: noTraffic, answers: [], fragments: false, leave };
    merged.set(key, {
      packets: uniteTraffic(before.packets, part.packets ?? noTraffic),
      answers: uniteIntervals(before.answers, part.answers ?? []),
      fragments: before.fragments || (part.fragments ?? false),
      leave,
    });
  };
  for (const { part, leave } of packets) put(leave, { packets: part });
  for (const { part, leave } of answers) put(leave, { answers: part });
  if (fragments.size > 0) put(fragments, { fragments: true });
  return [...merged.values()]
    .map((contents) => ({ label: labelOf(contents), ...contents }))
    .sort((a, b) => (a.label < b.label ? -1 : 1));
}

function labelOf({ packets, answers, fragments }: Omit<ServiceClass, "label">): string {
  return [
    ...(isNoTraffic(packets) ? [] : [printTraffic(packets)]),
    ...(answers.length === 0 ? [] : [`answers from tcp ${printIntervals(answers)}`]),
    ...(fragments ? ["fragments"] : []),
  ].join("; ");
}

function printLeave(leave: Leave): string {
  return [...leave]
    .map(
      ([group, rules]) =>
        `${group}=${rules
          .map((rule) => rule.id)
          .sort()
          .join("+")}`,
    )
    .sort()
    .join("|");
}
