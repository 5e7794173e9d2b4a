/** The fence of a node for callers that run for long, such as a CNI server. */

import { RailCompiler } from "../compile/compile-rail.js";
import { checkInventory } from "../policy/check-inventory.js";
import type { CheckedPolicy } from "../policy/checked-policy.js";
import type { Endpoint } from "../policy/inventory.js";
import { inventoryProblems } from "../policy/inventory-problems.js";
import { type Diagnostic, hasErrors } from "../text/diagnostic.js";
import { readBridgeState } from "./bridge-state.js";
import { CallQueue } from "./call-queue.js";
import { type EndpointIdentity, FenceEndpoints } from "./fence-endpoints.js";
import { FenceError, fenceErrorOf } from "./fence-error.js";
import { bridgesOf, type FenceOptions } from "./fence-options.js";
import type { FenceRail, FenceRailCheck } from "./fence-rail.js";
import type { Plan } from "./plan.js";
import { type SwitchWarning, warningsOf } from "./switch-warning.js";

/** What a call changed on the switch. */
export interface FenceChange {
  /** For each bridge that the call concerned. */
  readonly plans: readonly Plan[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Every call is atomic: either the switch holds the new flows, read back, and the fence remembers them, or the call
 * rejects with a FenceError and both are as before. Calls that are made at the same time run one after the other.
 * Several bridges change one after the other; if a later one fails, the earlier ones are put back.
 *
 * Representors that are not on their bridge yet do no harm: nothing is let to or from them until a call finds them
 * there. Should Open vSwitch be gone or hang in the middle of a call, the next call reads the bridges and mends them.
 */
export class Fence {
  private readonly options: FenceOptions;
  private readonly queue = new CallQueue();
  private readonly endpoints: FenceEndpoints;
  private readonly bridges: ReadonlyMap<string, FenceRail>;
  private policy: CheckedPolicy;
  private compilers: ReadonlyMap<string, RailCompiler>;
  private isClosed = false;
  private warningsAtOpen: readonly SwitchWarning[] = [];

  private constructor(options: FenceOptions, bridges: ReadonlyMap<string, FenceRail>) {
    this.options = options;
    this.policy = options.policy;
    this.endpoints = new FenceEndpoints(options.inventory, options.node);
    this.bridges = bridges;
    this.compilers = this.compilersFor(options.policy);
  }

  /**
   * Compiles the node's rails and brings its bridges to them.
   *
   * @throws {FenceError} `rejected`, `unknown-node`, `unknown-rail`, `switch`
   */
  static async open(options: FenceOptions): Promise<Fence> {
    const { policy, inventory, node } = options;
    const bridges = bridgesOf(options);
    refuse([...inventoryProblems(inventory), ...checkInventory(policy, inventory, node)]);
    const fence = new Fence(options, bridges);
    const names = [...bridges.values()].map(({ bridge }) => bridge);
    const states = Promise.all(names.map((name) => readBridgeState(options.switch, name)));
    const { plans } = await fence.repair();
    const seen = await states;
    fence.warningsAtOpen = plans.flatMap((plan, index) => warningsOf(plan, seen[index] ?? {}));
    return fence;
  }

  /** What let frames past the fence when it was opened, or would later; `check` says what does today. */
  get warnings(): readonly SwitchWarning[] {
    return this.warningsAtOpen;
  }

  /**
   * Lets an endpoint take part: one of this node (with `mac` and `representor`, its port on the bridge already) or a peer
   * on another. Attaching it again replaces it; attaching the same again only makes sure of its flows.
   *
   * @throws {FenceError} `rejected`, `switch` (`port-missing` when the representor is not there), `closed`
   */
  attach(endpoint: Endpoint): Promise<FenceChange> {
    return this.call(async () => {
      const former = this.endpoints.get(endpoint);
      const problems = this.endpoints.problemsOf(endpoint, former, this.policy);
      const warnings = refuse(problems);
      return { plans: await this.exchange(former, endpoint), warnings };
    });
  }

  /** Takes an endpoint out. @throws {FenceError} `unknown-endpoint`, `switch`, `closed` */
  detach(identity: EndpointIdentity): Promise<FenceChange> {
    return this.call(async () => {
      const endpoint = this.endpoints.get(identity);
      if (endpoint === undefined) throw unknownEndpoint(identity);
      return { plans: await this.exchange(endpoint, undefined), warnings: [] };
    });
  }

  /** Reads the bridges and compares; changes nothing. @throws {FenceError} `switch`, `closed` */
  check(): Promise<readonly FenceRailCheck[]> {
    return this.call(async () => {
      const checks: FenceRailCheck[] = [];
      for (const bridge of this.bridges.values()) checks.push(await bridge.check());
      return checks;
    });
  }

  /** Brings the bridges back to what they should hold. @throws {FenceError} `switch`, `closed` */
  repair(): Promise<FenceChange> {
    return this.call(async () => ({
      plans: await this.bring([...this.bridges.keys()], this.compilers),
      warnings: [],
    }));
  }

  /** Another policy for the same endpoints. @throws {FenceError} `rejected`, `switch`, `closed` */
  reload(policy: CheckedPolicy): Promise<FenceChange> {
    return this.call(async () => {
      const inventory = this.endpoints.toInventory();
      const warnings = refuse(checkInventory(policy, inventory, this.options.node));
      const compilers = this.compilersFor(policy);
      const plans = await this.bring([...this.bridges.keys()], compilers);
      this.policy = policy;
      this.compilers = compilers;
      return { plans, warnings };
    });
  }

  /** Waits for the calls under way and takes no more. The flows stay: the fence stands without its keeper. */
  close(): Promise<void> {
    return this.queue.run(async () => {
      this.isClosed = true;
    });
  }

  private call<T>(work: () => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      if (this.isClosed)
        throw new FenceError({ kind: "closed", message: "this fence was closed before" });
      try {
        return await work();
      } catch (error) {
        throw fenceErrorOf(error);
      }
    });
  }

  private async exchange(
    former: Endpoint | undefined,
    next: Endpoint | undefined,
  ): Promise<readonly Plan[]> {
    this.swap(former, next);
    try {
      const plans = await this.bring(this.railsConcernedBy(former, next), this.compilers, next);
      if (former !== undefined) this.endpoints.remove(former);
      if (next !== undefined) this.endpoints.add(next);
      return plans;
    } catch (error) {
      this.swap(next, former);
      throw error;
    }
  }

  private swap(from: Endpoint | undefined, to: Endpoint | undefined): void {
    for (const compiler of this.compilers.values()) {
      if (from !== undefined) compiler.remove(from);
      if (to !== undefined) compiler.add(to);
    }
  }

  /** An endpoint's own rail first; the others only where some rule reaches across rails. */
  private railsConcernedBy(...endpoints: readonly (Endpoint | undefined)[]): readonly string[] {
    const own = new Set(endpoints.flatMap((endpoint) => endpoint?.rail ?? []));
    const concerned = this.policy.rules.some((rule) => rule.acrossRails)
      ? [...own, ...this.bridges.keys()]
      : [...own];
    return [...new Set(concerned)].filter((rail) => this.bridges.has(rail));
  }

  private async bring(
    rails: readonly string[],
    compilers: ReadonlyMap<string, RailCompiler>,
    coming?: Endpoint,
  ): Promise<readonly Plan[]> {
    const plans: Plan[] = [];
    const undos: (() => Promise<void>)[] = [];
    try {
      for (const name of rails) {
        const bridge = this.bridges.get(name);
        const compiler = compilers.get(name);
        if (bridge === undefined || compiler === undefined)
          throw new Error(`rail ${name} has no bridge here`);
        const { plan, undo } = await bridge.bring(
          () => compileOrRefuse(compiler),
          this.portsNeeded(name, coming),
        );
        plans.push(plan);
        undos.push(undo);
      }
      return plans;
    } catch (error) {
      // what cannot be put back now is found and mended by the next call
      for (const undo of undos.reverse()) await undo().catch(() => "the first failure is told");
      throw error;
    }
  }

  private portsNeeded(rail: string, coming: Endpoint | undefined): readonly string[] {
    const { inventory, node } = this.options;
    const uplink = inventory.nodes.get(node)?.rails.get(rail)?.uplink;
    const isLocal = coming?.node === node && coming.rail === rail;
    const ports = [uplink, isLocal ? coming.representor : undefined];
    return ports.filter((port) => port !== undefined);
  }

  private compilersFor(policy: CheckedPolicy): ReadonlyMap<string, RailCompiler> {
    const { node, tableBase } = this.options;
    const inventory = this.endpoints.toInventory();
    const choice = { node, ...(tableBase === undefined ? {} : { tableBase }) };
    return new Map(
      [...this.bridges.keys()].map((rail) => [
        rail,
        new RailCompiler(policy, inventory, { ...choice, rail }),
      ]),
    );
  }
}

function compileOrRefuse(compiler: RailCompiler): ReturnType<RailCompiler["compile"]> {
  const rail = compiler.compile();
  refuse(rail.diagnostics);
  return rail;
}

/** The warnings, if there is nothing worse. */
function refuse(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (hasErrors(diagnostics))
    throw new FenceError({
      kind: "rejected",
      message: "the policy, the inventory or the endpoint was rejected",
      diagnostics,
    });
  return diagnostics;
}

function unknownEndpoint({ namespace, pod, rail }: EndpointIdentity): FenceError {
  return new FenceError({
    kind: "unknown-endpoint",
    message: `no endpoint \`${namespace}/${pod}\` is attached on rail \`${rail}\``,
  });
}
