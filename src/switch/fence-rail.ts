/**
 * One bridge as a fence keeps it: what it holds is remembered, so that a change sends and confirms only what changed.
 *
 * Invariant (known standing): `standing` is there only while nothing speaks against the bridge holding exactly `lines`
 * of ours. Another railfence, a new ovs-vswitchd, another count of flows in any table, a failure half-way: each
 * takes it away, and the next change begins by reading the whole bridge.
 */

import type { CompiledRail } from "../compile/compiled-rail.js";
import type { TableCounts } from "../openflow/wire/statistics.js";
import { readBridgeState } from "./bridge-state.js";
import type { BridgeTalk } from "./bridge-talk.js";
import { stampBridge, stampOf, withBridgeLock } from "./bridge-turn.js";
import { SwitchError } from "./errors.js";
import { FlowMap } from "./flow-map.js";
import { type FlowText, isOurs } from "./flow-text.js";
import { inquiryAbout } from "./inquiry.js";
import { send } from "./install.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { bundleOf, isEmpty, type Plan, planFlows } from "./plan.js";
import { FlowPrinter, portsMissing } from "./print-rail.js";
import type { PortNumbers } from "./read-answers.js";
import { confirmBundle, isProven, type Outcome } from "./read-back.js";
import { type SwitchWarning, warningsOf } from "./switch-warning.js";
import { countsAfter, countsOf, isSameCount } from "./table-counts.js";
import { between, type Wanted } from "./wanted-lines.js";

export interface FenceRailOptions {
  readonly lockPatienceMs?: number | undefined;
}

/** What was done, and the way back. */
export interface Brought {
  readonly plan: Plan;
  readonly undo: () => Promise<void>;
}

export interface FenceRailCheck {
  readonly rail: string;
  /** What would have to change; empty if the bridge holds what it should. */
  readonly plan: Plan;
  /** Ports that flows name and the bridge lacks, in ascending order. */
  readonly absentPorts: readonly string[];
  /**
   * What lets frames past the fence, now or once Open vSwitch has lost its flows. With one whose `when` is `now` the fence
   * does not hold, whatever the plan says, and no `repair` mends it.
   */
  readonly warnings: readonly SwitchWarning[];
}

interface Standing {
  readonly generation: string | undefined;
  readonly stamp: string | undefined;
  readonly counts: TableCounts;
}

export class FenceRail {
  readonly bridge: string;
  private readonly ovs: OpenVswitch;
  private readonly options: FenceRailOptions;
  private printer = new FlowPrinter(new Map());
  private lines: readonly FlowText[] = [];
  private rail: CompiledRail | undefined;
  private standing: Standing | undefined;

  constructor(ovs: OpenVswitch, bridge: string, options: FenceRailOptions) {
    this.ovs = ovs;
    this.bridge = bridge;
    this.options = options;
  }

  /**
   * Brings the bridge to a rail's flows. Ports that the bridge lacks do not matter, but for those in `needed`.
   *
   * @throws {SwitchError} and then the bridge is as it was, unless Open vSwitch is gone
   */
  async bring(compile: () => CompiledRail, needed: readonly string[]): Promise<Brought> {
    const { lines, rail } = this;
    const plan = await this.locked(async (talk) => {
      const reading = this.read(talk);
      reading.catch(() => "told by the await below");
      const ports = await this.ovs.portNumbers(this.bridge);
      const missing = needed.filter((port) => !ports.has(port));
      if (missing.length > 0) throw portsMissing(this.bridge, missing);
      // the switch answers while this process compiles and prints
      const next = compile();
      const printer = this.printerFor(ports);
      const wanted = this.wantedOf(next, printer);
      const done = await this.change(await reading, wanted, next, talk);
      this.printer = printer;
      this.rail = next;
      return done;
    });
    return { plan, undo: () => this.locked(() => this.undo(plan, lines, rail)) };
  }

  /** What is on the bridge against what should be with its ports of today. @throws {SwitchError} */
  async check(): Promise<FenceRailCheck> {
    const { rail } = this;
    if (rail === undefined) throw new Error("a fence is checked before it is open");
    return this.locked(async () => {
      const [ports, lines, state] = await Promise.all([
        this.ovs.portNumbers(this.bridge),
        this.ovs.readFlowTexts(this.bridge),
        readBridgeState(this.ovs, this.bridge),
      ]);
      const printer = this.printerFor(ports);
      const plan = planFlows(this.bridge, lines, printer.print(rail, "drop"));
      if (!isEmpty(plan)) this.standing = undefined;
      const warnings = warningsOf(plan, state);
      return { rail: rail.rail, plan, absentPorts: printer.absentPorts, warnings };
    });
  }

  /** Only what the compiler changed is printed, if the lines are those of its last result but one. */
  private wantedOf(rail: CompiledRail, printer: FlowPrinter): Wanted {
    const { change } = rail;
    const isNext = change !== undefined && change.since === this.rail?.edition;
    if (!isNext || printer !== this.printer) return { lines: printer.print(rail, "drop") };
    const fresh = printer.linesOf(change.added);
    const gone = new Set(printer.forget(change.removed));
    const lines = this.lines.filter((line) => !gone.has(line)).concat(fresh);
    return { lines, step: { from: this.lines, fresh, gone: [...gone] } };
  }

  private printerFor(ports: PortNumbers): FlowPrinter {
    return isSameCount(ports, this.printer.portNumbers) ? this.printer : new FlowPrinter(ports);
  }

  /** There is nobody to talk to where the bridge is elsewhere. */
  private locked<T>(work: (talk: BridgeTalk | undefined) => Promise<T>): Promise<T> {
    const options = { patienceMs: this.options.lockPatienceMs };
    return withBridgeLock(this.ovs, this.bridge, options, async () => {
      const talk = this.ovs.talkTo(this.bridge);
      try {
        return await work(talk);
      } finally {
        talk?.close();
      }
    });
  }

  /** The flows on the bridge: as remembered, if nothing speaks against that, or else read. */
  private async read(talk: BridgeTalk | undefined): Promise<Reading> {
    const { ovs, bridge, standing } = this;
    const stamp = stampOf(ovs, bridge);
    const generation = ovs.generation();
    const counts = await talk?.countTables();
    // of a bridge elsewhere nothing is known but what is read
    const isKnown =
      standing !== undefined &&
      generation !== undefined &&
      counts !== undefined &&
      standing.generation === generation &&
      standing.stamp === stamp &&
      isSameCount(counts, standing.counts);
    if (isKnown) return { ...standing, lines: this.lines };
    const lines = await ovs.readFlowTexts(bridge);
    return { generation, stamp, counts: countsOf(lines), lines };
  }

  private async change(
    reading: Reading,
    { lines: wanted, step }: Wanted,
    rail: CompiledRail | undefined,
    talk: BridgeTalk | undefined,
  ): Promise<Plan> {
    const { fresh, gone } = step?.from === reading.lines ? step : between(reading.lines, wanted);
    const few = planFlows(this.bridge, gone, fresh);
    const plan = { ...few, unchanged: few.unchanged + wanted.length - fresh.length };
    const { generation } = reading;
    let { stamp } = reading;
    const counts = countsAfter(reading.counts, plan);
    this.standing = undefined;
    if (!isEmpty(plan)) {
      stamp = stampBridge(this.ovs, this.bridge);
      await this.sendAndConfirm(plan, { wanted, tables: counts }, rail, talk);
    }
    this.lines = wanted;
    this.standing = { generation, stamp, counts };
    return plan;
  }

  private async sendAndConfirm(
    plan: Plan,
    outcome: Outcome,
    rail: CompiledRail | undefined,
    talk: BridgeTalk | undefined,
  ): Promise<void> {
    const { ovs, bridge } = this;
    const bundle = bundleOf(plan);
    try {
      const inquire = () => inquiryAbout(bundle, outcome.wanted);
      const done = await talk?.commit(bundle, inquire);
      if (done === undefined) await send(ovs, bridge, bundle, rail);
      else if (done.reply !== undefined && isProven(done.reply, outcome)) return;
      await confirmBundle(ovs, bridge, bundle, outcome.wanted);
    } catch (error) {
      if (error instanceof SwitchError && error.kind !== "flow-refused")
        await this.putBack(plan).catch(() => "the first failure is the one to tell");
      throw error;
    }
  }

  /** After a failure that leaves open how much was done. */
  private async putBack(plan: Plan): Promise<void> {
    const now = await this.ovs.readFlowTexts(this.bridge);
    await this.sendPlan(planFlows(this.bridge, now, before(plan, now)));
  }

  private async undo(
    plan: Plan,
    lines: readonly FlowText[],
    rail: CompiledRail | undefined,
  ): Promise<void> {
    this.standing = undefined;
    await this.putBack(plan);
    this.lines = lines;
    this.rail = rail;
  }

  private async sendPlan(plan: Plan): Promise<void> {
    if (isEmpty(plan)) return;
    stampBridge(this.ovs, this.bridge);
    await send(this.ovs, this.bridge, bundleOf(plan));
  }
}

interface Reading extends Standing {
  /** Foreign flows are in it only if the bridge was read. */
  readonly lines: readonly FlowText[];
}

/** Our flows as they were before the plan was carried out, whether it was or not. */
function before(plan: Plan, now: readonly FlowText[]): FlowText[] {
  const former = [...plan.deletes, ...plan.changes.map((change) => change.before)];
  const touched = FlowMap.of([...plan.adds, ...former]);
  return [...now.filter((line) => isOurs(line) && !touched.has(line)), ...former];
}
