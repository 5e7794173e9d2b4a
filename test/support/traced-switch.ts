/** What a private switch does with packets: the ports by which it sends them, asked of `ofproto/trace`. */

import { expect } from "vitest";
import { controllerPort, localPort } from "../../src/openflow/match.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";

export class TracedSwitch {
  readonly #ovs: PrivateSwitch;
  /** OpenFlow numbers by those of the datapath. */
  readonly #numberOf: ReadonlyMap<number, number>;

  private constructor(ovs: PrivateSwitch, numberOf: ReadonlyMap<number, number>) {
    this.#ovs = ovs;
    this.#numberOf = numberOf;
  }

  static async of(ovs: PrivateSwitch): Promise<TracedSwitch> {
    const shown = [...(await ovs.appctl("dpif/show")).matchAll(/ (\d+)\/(\d+): \(/g)];
    return new TracedSwitch(
      ovs,
      new Map(
        shown.map(([, open, inDatapath]) => [
          Number(inDatapath),
          Number(open) === 65534 ? localPort : Number(open),
        ]),
      ),
    );
  }

  /** As `ofproto/trace` prints them. */
  async actionsFor(packet: string): Promise<string> {
    const [, actions] = /^Datapath actions: (.*)$/m.exec(await this.#ovs.trace("br", packet)) ?? [];
    expect(actions, packet).toBeDefined();
    // a queue says how long it waits, not where it goes
    return (actions ?? "").replace(/set\(skb_priority\(\w+\)\),/g, "");
  }

  /** The ports by which it is sent, a controller's too, sorted; no other action is looked at. */
  async sentTo(packet: string): Promise<string> {
    return this.portsIn(await this.actionsFor(packet));
  }

  portsIn(actions: string): string {
    const toControllers = actions.match(/userspace\(pid=\d+,controller\(/g) ?? [];
    const bare = actions.replace(/\w+\((?:[^()]|\([^()]*\))*\)/g, "").split(",");
    const outputs = bare.filter((one) => /^\d+$/.test(one)).map(Number);
    return sortedPorts([
      ...outputs.map((port) => this.#numberOf.get(port) ?? -1),
      ...toControllers.map(() => controllerPort),
    ]);
  }
}

/** `ofproto/trace` refuses the text of a message of discovery with an option that does not belong there. */
export function isTraceable(packet: string): boolean {
  return !/icmpv6_type=135.*nd_tll=|icmpv6_type=136.*nd_sll=/.test(packet);
}

export function sortedPorts(numbers: readonly (number | string)[]): string {
  return numbers.map(String).sort().join(" ");
}
