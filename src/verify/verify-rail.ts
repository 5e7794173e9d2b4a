/** What became of each rule on one rail of one node: its megaflows, their place, and everything that should not be. */

import type { CompiledRail } from "../compile/compiled-rail.js";
import type { LineProblem, Megaflow } from "../datapath/megaflow.js";
import type { Flow } from "../openflow/flow.js";
import { isOurCookie } from "../openflow/our-cookie.js";
import type { CheckedPolicy, Rule } from "../policy/checked-policy.js";
import type { Inventory } from "../policy/inventory.js";
import type { Source } from "../text/source.js";
import { causeOf, deniersOf } from "./attribute.js";
import { compareFlows } from "./compare-flows.js";
import { orphanFinding } from "./datapath-findings.js";
import { type DatapathPath, pathsOf } from "./datapath-path.js";
import { dumpOfElsewhere } from "./dump-of-elsewhere.js";
import type { Evidence } from "./evidence/evidence.js";
import { type Judgement, judgePath } from "./judge-path.js";
import { countMasks } from "./masks.js";
import { firstPacketOf } from "./megaflow-cube.js";
import { contradictionsIn, type OffloadList } from "./offload-list.js";
import { type Origin, type OriginClues, originOf } from "./origin.js";
import { ownMegaflows } from "./own-megaflows.js";
import { Placements } from "./placement.js";
import { datapathPortName, noPortNames, type PortNames, portNumbersOf } from "./port-names.js";
import { PossibleEffects } from "./possible-effects.js";
import { indexTables } from "./table-index.js";
import type { ConnectionVerdict, RailVerdict } from "./verdict.js";
import { VerdictBuilder } from "./verdict-builder.js";
import type { Pipeline, Treatment } from "./walk.js";
import { witnessOf } from "./witness.js";

export interface VerifyInput {
  readonly policy: CheckedPolicy;
  readonly inventory: Inventory;
  readonly compiled: CompiledRail;
  /** Everything `ovs-ofctl dump-flows` found on the bridge, flows of others too. */
  readonly flows?: readonly Flow[] | undefined;
  /** Of one `dpctl/dump-flows -m`: two dumps are not one snapshot. Those of other bridges are left out. */
  readonly megaflows: readonly Megaflow[];
  /** What the same datapath lists as offloaded, where it was asked: held against `megaflows`. */
  readonly offloadList?: OffloadList | undefined;
  /** Lines of the dump that could not be read. */
  readonly unreadable?: readonly (LineProblem & { readonly source: Source })[] | undefined;
  /** Needed where flows or megaflows name ports by number. */
  readonly portNames?: PortNames | undefined;
  readonly evidence?: Evidence | undefined;
}

export function verifyRail(input: VerifyInput): RailVerdict {
  const { compiled, megaflows, portNames: names = noPortNames } = input;
  const { bridge } = compiled.ports;
  const differences = input.flows === undefined ? [] : compareFlows(compiled, input.flows, names);
  const bench: Bench = {
    input,
    names,
    bridge,
    intended: pipelineOf(compiled.flows, names, bridge, compiled.tables[0]?.number ?? 0),
    // the switch's own flows matter only where they are not the intended ones
    ...(input.flows !== undefined &&
      differences.length > 0 && { installed: pipelineOf(input.flows, names, bridge, 0) }),
    builder: new VerdictBuilder(compiled),
    clues: {
      hasUfids: megaflows.some(({ ufid }) => ufid !== undefined),
      effects: new PossibleEffects(input.flows ?? compiled.flows, portNumbersOf(names), bridge),
    },
  };
  for (const { source, kind, start, end } of input.unreadable ?? [])
    bench.builder.addFinding({
      kind: "unreadable-line",
      problem: { kind, start, end },
      line: source.text.slice(start, end),
    });
  for (const difference of differences) bench.builder.addFinding(difference);
  const own = ownMegaflows({ ...bench, compiled }, megaflows);
  // of a running switch it is known whose ports they are
  if (own.length === 0 && input.flows === undefined) {
    const finding = dumpOfElsewhere(megaflows, input.inventory, compiled.node, names);
    if (finding !== undefined) bench.builder.addFinding(finding);
  }
  const placements = new Placements(own, input.evidence ?? {}, bridge, names);
  for (const contradiction of contradictionsIn(own, input.offloadList ?? new Map()))
    bench.builder.addFinding({ kind: "contradiction", ...contradiction });
  const { paths, orphans } = pathsOf(own, (megaflow) => placements.stateOf(megaflow));
  for (const path of paths) judge(bench, path, placements);
  for (const orphan of orphans) bench.builder.addFinding(orphanFinding(orphan, names));
  const full = placements.tableFull();
  if (full !== undefined) bench.builder.addFinding(full);
  const { offloadListRefused, otherFilters, datapathUse, unread = [] } = input.evidence ?? {};
  if (datapathUse !== undefined && datapathUse.flows >= datapathUse.limit)
    bench.builder.addFinding({ kind: "flow-limit", ...datapathUse });
  return {
    ...bench.builder.build(),
    ...(offloadListRefused === undefined ? {} : { offloadListRefused }),
    ...(otherFilters === undefined ? {} : { otherFilters }),
    unread,
    use: {
      megaflows: own.length,
      masks: countMasks(own),
      inHardware: placements.countInHardware(),
    },
  };
}

interface Bench {
  readonly input: VerifyInput;
  readonly names: PortNames;
  readonly bridge: string;
  readonly intended: Pipeline;
  readonly installed?: Pipeline;
  readonly builder: VerdictBuilder;
  readonly clues: OriginClues;
}

function pipelineOf(
  flows: readonly Flow[],
  names: PortNames,
  bridge: string,
  first: number,
): Pipeline {
  return { index: indexTables(flows, names, bridge, first), names, bridge };
}

function judge(bench: Bench, path: DatapathPath, placements: Placements): void {
  const { builder, names, intended, installed } = bench;
  const [megaflow] = path.steps;
  const inPort = datapathPortName(megaflow.match.inPort ?? "", names);
  const intent = judgePath(path, inPort, intended, names);
  const now = installed === undefined ? intent : judgePath(path, inPort, installed, names);
  if (intent.kind !== "agrees") {
    const asInstalled =
      installed !== undefined && now.kind === "agrees" ? now.treatments : undefined;
    const origin = now.kind === "agrees" ? undefined : originOf(megaflow, inPort, now, bench.clues);
    addWrong(bench, { megaflow, inPort, origin }, intent, intent.kind, asInstalled);
    return;
  }
  const reached = intent.treatments.filter(({ outputs }) => outputs.length > 0);
  const { rules, duties } = causesOf(bench, reached, megaflow, inPort);
  if (now.kind !== "agrees") {
    // right by luck: the next revalidation makes it do what the switch's flows say
    const origin = originOf(megaflow, inPort, now, bench.clues);
    addWrong(bench, { megaflow, inPort, origin }, now, "stale");
    for (const rule of rules) builder.addWrong(rule, "stale");
    return;
  }
  if (path.state === undefined) {
    builder.addFinding({ kind: "no-offload-state", megaflow });
    for (const rule of rules) builder.addWrong(rule, "not-understood");
    return;
  }
  const reason = placements.reasonOf(path, rules);
  const confirmation = placements.confirmationOf(path);
  const outPorts = [...new Set(reached.flatMap(({ outputs }) => outputs.map(({ port }) => port)))];
  const connection: ConnectionVerdict = {
    megaflow,
    state: path.state,
    inPort,
    outPorts,
    ...(reason === undefined ? {} : { reason }),
    ...(confirmation === undefined ? {} : { confirmation }),
  };
  if (reached.length === 0) builder.addDenied(connection);
  for (const rule of rules) builder.addConnection(rule, connection);
  const isConfirmed = confirmation?.kind === "confirmed";
  for (const duty of duties) builder.addDuty(duty, megaflow, path.state, isConfirmed);
}

function causesOf(
  bench: Bench,
  treatments: readonly Treatment[],
  megaflow: Megaflow,
  inPort: string,
): { rules: ReadonlySet<Rule>; duties: ReadonlySet<string> } {
  const rules = new Set<Rule>();
  const duties = new Set<string>();
  for (const treatment of treatments) {
    const cause = causeOf(bench.input, treatment, inPort, firstPacketOf(megaflow));
    if (cause.kind === "duty") duties.add(cause.duty);
    else for (const rule of cause.rules) rules.add(rule);
  }
  return { rules, duties };
}

interface Judged {
  readonly megaflow: Megaflow;
  readonly inPort: string;
  readonly origin: Origin | undefined;
}

function addWrong(
  bench: Bench,
  { megaflow, inPort, origin }: Judged,
  judgement: Exclude<Judgement, { kind: "agrees" }>,
  kind: Exclude<Judgement, { kind: "agrees" }>["kind"],
  asInstalled?: readonly Treatment[],
): void {
  const { treatment, actual, because } = judgement;
  const wishes = firstPacketOf(megaflow);
  const passes = treatment.outputs.length > 0;
  const rules = passes
    ? [...causesOf(bench, [treatment], megaflow, inPort).rules]
    : deniersOf(bench.input, treatment, inPort, wishes);
  if (passes) for (const rule of rules) bench.builder.addWrong(rule, kind);
  bench.builder.addFinding({
    kind,
    megaflow,
    inPort,
    path: treatment.path,
    rules,
    packet: witnessOf(treatment.packets, inPort, wishes).text,
    expected: treatment.outputs,
    ...(actual === undefined ? {} : { actual }),
    ...(because === undefined ? {} : { because }),
    ...(origin === undefined ? {} : { origin }),
    ...(asInstalled === undefined ? {} : { agreesWithSwitch: true, ...thiefIn(asInstalled) }),
  });
}

/** Whoever else's flow it is that makes the switch's flows say so. */
function thiefIn(treatments: readonly Treatment[]): { readonly stolenBy?: Flow } {
  const flows = treatments.flatMap(({ path }) => path);
  const stolenBy = flows.find(({ cookie }) => !isOurCookie(cookie));
  return stolenBy === undefined ? {} : { stolenBy };
}
