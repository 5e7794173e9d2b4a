/**
 * One bridge as a fence keeps it: what it holds is remembered, so that a change sends and confirms only what changed.
 *
 * Invariant (known standing): `standing` is there only while nothing speaks against the bridge holding exactly `lines`
 * of ours. Another railfence, a new ovs-vswitchd, another count of flows in any table, a failure half-way: each
 * takes it away, and the next change begins by reading the whole bridge.
 */

import type { CompiledRail } from "../compile/compiled-rail.js";
import { stampBridge, stampOf, withBridgeLock } from "./bridge-turn.js";
import { SwitchError } from "./errors.js";
import { readFailMode } from "./fail-mode.js";
import { FlowMap } from "./flow-map.js";
import { type FlowText, isOurs } from "./flow-text.js";
import type { FlowTotal } from "./flow-total.js";
import { send } from "./install.js";
import type { OpenVswitch } from "./open-vswitch.js";
import { bundleOf, isEmpty, type Plan, planFlows } from "./plan.js";
import { FlowPrinter, portsMissing } from "./print-rail.js";
import type { PortNumbers } from "./read-answers.js";
import { confirmBundle } from "./read-back.js";
import { type SwitchWarning, warningsOf } from "./switch-warning.js";

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
  /** What lets frames past the fence, now or once Open vSwitch has lost its flows. */
  readonly warnings: readonly SwitchWarning[];
}

interface Standing {
  readonly era: number;
  readonly generation: string | undefined;
  readonly stamp: string | undefined;
  readonly counts: ReadonlyMap<number, number>;
}

export class FenceRail {
  readonly bridge: string;
  private readonly ovs: OpenVswitch;
  private readonly options: FenceRailOptions;
  private readonly total: FlowTotal;
  private printer = new FlowPrinter(new Map());
  private lines: readonly FlowText[] = [];
  private rail: CompiledRail | undefined;
  private standing: Standing | undefined;

  /** `total` is one for all bridges of an Open vSwitch. */
  constructor(ovs: OpenVswitch, bridge: string, total: FlowTotal, options: FenceRailOptions) {
    this.ovs = ovs;
    this.bridge = bridge;
    this.total = total;
    this.options = options;
  }

  /**
   * Brings the bridge to a rail's flows. Ports that the bridge lacks do not matter, but for those in `needed`.
   *
   * @throws {SwitchError} and then the bridge is as it was, unless Open vSwitch is gone
   */
  async bring(compile: () => CompiledRail, needed: readonly string[]): Promise<Brought> {
    const { lines, rail } = this;
    const plan = await this.locked(async () => {
      const reading = this.read();
      reading.catch(() => "told by the await below");
      const ports = await this.ovs.portNumbers(this.bridge);
      const missing = needed.filter((port) => !ports.has(port));
      if (missing.length > 0) throw portsMissing(this.bridge, missing);
      // the switch answers while this process compiles and prints
      const next = compile();
      const printer = this.printerFor(ports);
      const wanted = printer.print(next, "drop");
      const done = await this.change(await reading, wanted, next);
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
      const [ports, lines, failMode] = await Promise.all([
        this.ovs.portNumbers(this.bridge),
        this.ovs.readFlowTexts(this.bridge),
        readFailMode(this.ovs, this.bridge),
      ]);
      const printer = this.printerFor(ports);
      const plan = planFlows(this.bridge, lines, printer.print(rail, "drop"));
      if (!isEmpty(plan)) this.standing = undefined;
      const warnings = warningsOf(plan, failMode);
      return { rail: rail.rail, plan, absentPorts: printer.absentPorts, warnings };
    });
  }

  private printerFor(ports: PortNumbers): FlowPrinter {
    return isSame(ports, this.printer.portNumbers) ? this.printer : new FlowPrinter(ports);
  }

  private locked<T>(work: () => Promise<T>): Promise<T> {
    const options = { patienceMs: this.options.lockPatienceMs };
    return withBridgeLock(this.ovs, this.bridge, options, work);
  }

  /** The flows on the bridge: as remembered, if nothing speaks against that, or else read. */
  private async read(): Promise<Reading> {
    const { ovs, bridge, standing } = this;
    const stamp = stampOf(ovs, bridge);
    const [generation, total] = await Promise.all([ovs.generation(), ovs.countAllFlows()]);
    this.total.observe(total);
    const { era } = this.total;
    // of a bridge elsewhere nothing is known but what is read
    const isKnown = generation !== undefined && standing?.generation === generation;
    if (isKnown && standing.stamp === stamp) {
      if (standing.era === era) return { ...standing, total, lines: this.lines };
      const counts = await ovs.countFlows(bridge);
      if (isSame(counts, standing.counts)) return { ...standing, era, total, lines: this.lines };
    }
    const lines = await ovs.readFlowTexts(bridge);
    return { generation, stamp, era, counts: countsOf(lines), total, lines };
  }

  private async change(
    reading: Reading,
    wanted: readonly FlowText[],
    rail: CompiledRail | undefined,
  ): Promise<Plan> {
    const plan = planBetween(this.bridge, reading.lines, wanted);
    let { stamp } = reading;
    this.standing = undefined;
    if (!isEmpty(plan)) {
      stamp = stampBridge(this.ovs, this.bridge);
      await this.sendAndConfirm(plan, wanted, rail);
    }
    this.lines = wanted;
    const { generation, era, total } = reading;
    this.standing = { generation, stamp, era, counts: countsAfter(reading.counts, plan) };
    this.total.expect(total, plan.adds.length - plan.deletes.length);
    return plan;
  }

  private async sendAndConfirm(
    plan: Plan,
    wanted: readonly FlowText[],
    rail: CompiledRail | undefined,
  ): Promise<void> {
    try {
      const bundle = bundleOf(plan);
      await send(this.ovs, this.bridge, bundle, rail);
      await confirmBundle(this.ovs, this.bridge, bundle, wanted);
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
  readonly total: number | undefined;
  /** Foreign flows are in it only if the bridge was read. */
  readonly lines: readonly FlowText[];
}

/** Most flows are the same objects as before: only the others are compared as text. */
function planBetween(
  bridge: string,
  installed: readonly FlowText[],
  wanted: readonly FlowText[],
): Plan {
  const before = new Set(installed);
  const after = new Set(wanted);
  const fresh = wanted.filter((line) => !before.has(line));
  const gone = installed.filter((line) => !after.has(line));
  const plan = planFlows(bridge, gone, fresh);
  return { ...plan, unchanged: plan.unchanged + wanted.length - fresh.length };
}

/** Our flows as they were before the plan was carried out, whether it was or not. */
function before(plan: Plan, now: readonly FlowText[]): FlowText[] {
  const former = [...plan.deletes, ...plan.changes.map((change) => change.before)];
  const touched = FlowMap.of([...plan.adds, ...former]);
  return [...now.filter((line) => isOurs(line) && !touched.has(line)), ...former];
}

function countsOf(lines: readonly FlowText[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { table } of lines) counts.set(table, (counts.get(table) ?? 0) + 1);
  return counts;
}

function countsAfter(counts: ReadonlyMap<number, number>, plan: Plan): ReadonlyMap<number, number> {
  const after = new Map(counts);
  const move = (table: number, by: number) => {
    const count = (after.get(table) ?? 0) + by;
    if (count === 0) after.delete(table);
    else after.set(table, count);
  };
  for (const { table } of plan.adds) move(table, 1);
  for (const { table } of plan.deletes) move(table, -1);
  return after;
}

function isSame<K>(one: ReadonlyMap<K, number>, other: ReadonlyMap<K, number>): boolean {
  if (one.size !== other.size) return false;
  for (const [key, value] of one) if (other.get(key) !== value) return false;
  return true;
}
