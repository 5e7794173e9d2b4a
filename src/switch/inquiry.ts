/** What must be asked of a bridge to know that it carried out a bundle, and what the answers must be. */

import type { Flow } from "../openflow/flow.js";
import type { Match } from "../openflow/match.js";
import type { FlowQuestion } from "../openflow/wire/statistics.js";
import { FlowMap } from "./flow-map.js";
import { type FlowText, isSameFlow } from "./flow-text.js";
import type { Bundle } from "./open-vswitch.js";
import { originOf, PrintedFlow } from "./printed-flow.js";
import { isOfSpeaker, type Speaker, speakerOf, withPortNumber } from "./speaker.js";

export interface Inquiry {
  readonly questions: readonly FlowQuestion[];
  /** Whether these are the flows of ours that must come back to each question, to the last field. */
  isAnsweredBy(flows: readonly (readonly Flow[])[]): boolean;
}

interface Item {
  readonly question: FlowQuestion;
  /** In flows that Open vSwitch must send and we must read. */
  readonly cost: number;
  isAnsweredBy(seen: FlowMap<FlowText>): boolean;
}

/** A flow that must be there, or must be gone; ports by number. */
interface Change {
  readonly line: FlowText;
  readonly match: Match;
  readonly isThere: boolean;
}

/** A question costs about as much as this many flows of an answer. */
const costOfQuestion = 8;
/** From here on it is quicker to have Open vSwitch print the whole bridge. */
const mostFlows = 3_000;
const mostSpeakers = 100;

/** `wanted` is all of ours, with the bundle carried out. Undefined where it is better to read the whole bridge. */
export function inquiryAbout(bundle: Bundle, wanted: readonly FlowText[]): Inquiry | undefined {
  const changes = changesOf(bundle);
  const bySpeaker = changes && groupedBySpeaker(changes);
  if (bySpeaker === undefined || bySpeaker.size > mostSpeakers) return undefined;
  const items = [...bySpeaker].flatMap(([speaker, own]) => itemsOf(speaker, own, wanted));
  if (costOf(items) > mostFlows) return undefined;
  return {
    questions: items.map(({ question }) => question),
    isAnsweredBy: (flows) =>
      flows.length === items.length &&
      items.every((item, index) => item.isAnsweredBy(asText(flows[index] ?? []))),
  };
}

/** Undefined where a flow is not understood. */
function changesOf({ adds, deletes }: Bundle): Change[] | undefined {
  const changes: Change[] = [];
  for (const [lines, isThere] of [
    [adds, true],
    [deletes, false],
  ] as const)
    for (const line of lines) {
      const origin = originOf(line);
      if (origin === undefined) return undefined;
      changes.push({ line, match: withPortNumber(origin), isThere });
    }
  return changes;
}

function groupedBySpeaker(changes: readonly Change[]): Map<Speaker, Change[]> {
  const speakers = new Map<string, Speaker>();
  const groups = new Map<Speaker, Change[]>();
  for (const change of changes) {
    const found = speakerOf(change.match);
    const speaker = speakers.get(found.text) ?? found;
    speakers.set(found.text, speaker);
    const group = groups.get(speaker);
    if (group === undefined) groups.set(speaker, [change]);
    else group.push(change);
  }
  return groups;
}

/** One question for all flows of the speaker, or one for each change: whichever is cheaper. */
function itemsOf(
  speaker: Speaker,
  changes: readonly Change[],
  wanted: readonly FlowText[],
): readonly Item[] {
  const each = changes.map(aboutOne);
  const most = costOf(each) - costOfQuestion;
  const expected: FlowText[] = [];
  for (const line of wanted) {
    if (!isOfSpeaker(line.match, speaker)) continue;
    expected.push(line);
    if (expected.length > most) return each;
  }
  const all: Item = {
    question: { match: speaker.match },
    cost: costOfQuestion + expected.length,
    isAnsweredBy: (seen) => seen.size === expected.length && expected.every(isIn(seen)),
  };
  return [all];
}

/** This flow, and those that match more narrowly: OpenFlow can ask for no less. */
function aboutOne({ line, match, isThere }: Change): Item {
  return {
    question: { table: line.table, match },
    cost: costOfQuestion + 1,
    isAnsweredBy: (seen) => (isThere ? isIn(seen)(line) : !seen.has(line)),
  };
}

function costOf(items: readonly Item[]): number {
  return items.reduce((sum, { cost }) => sum + cost, 0);
}

function isIn(seen: FlowMap<FlowText>): (line: FlowText) => boolean {
  return (line) => {
    const found = seen.get(line);
    return found !== undefined && isSameFlow(found, line);
  };
}

function asText(flows: readonly Flow[]): FlowMap<FlowText> {
  return FlowMap.of(flows.map((flow) => new PrintedFlow(flow, new Map())));
}
