/** What any packets can make: counted by hand, and against concrete packets that exhaust all there are. */

import { describe, expect, test } from "vitest";
import {
  type ClassifiedTables,
  classifyTables,
} from "../../../src/datapath/unwildcard/classified-tables.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { readFlows } from "../../../src/openflow/read.js";
import { HostileModel } from "../../../src/verify/cost/hostile-bound.js";
import { MegaflowSet } from "../../../src/verify/cost/megaflow-set.js";
import { railModelOf } from "../../../src/verify/cost/rail-model.js";
import { crowdedNode } from "../../support/crowded-node.js";
import { everyMegaflow, rightfulPackets } from "../../support/every-megaflow.js";
import { nastyWorld } from "../../support/nasty-world.js";
import { Random } from "../../support/random.js";
import { randomWorld } from "../../support/random-world.js";
import { tinyRail } from "../../support/tiny-rail.js";

const seed = Number(process.env["RAILFENCE_SEED"] ?? 20267);
const worlds = Number(process.env["RAILFENCE_WORLDS"] ?? 4);
/** As many are exhausted within seconds. */
const most = 8_000;
const inPort = 1;

function tablesOf(...lines: string[]): ClassifiedTables {
  return classifyTables(readFlows({ name: "flows", text: lines.join("\n") }).flows);
}

function exhausted(tables: ClassifiedTables, attack: Parameters<typeof everyMegaflow>[1]) {
  const known = new MegaflowSet();
  for (const { packet, translation } of everyMegaflow(tables, attack)) {
    expect(translation.tied).toBe(false);
    known.add(packet, translation.looked, false);
  }
  return { megaflows: known.all.length, masks: known.masks };
}

/** There are fewer, and nothing else about them is easier. */
function withoutIpv6(flows: readonly Flow[]): Flow[] {
  return flows.filter(
    ({ match }) =>
      !match.fields.some(({ field, value }) => field === "dl_type" && value === 0x86ddn),
  );
}

describe("by hand, of IPv4 and IPv6 whole and in two kinds of fragments, and of ARP, with a tag and without", () => {
  const kinds = 2 * (3 + 3 + 1);

  test("tables that look at nothing make one of each kind that the datapath tells apart", () =>
    expect(new HostileModel(tablesOf("priority=0 actions=drop")).boundOf(inPort)).toEqual({
      megaflows: kinds,
      // the EtherType is in every mask, and of IP the fragment bits
      masks: 2,
      perOtherEtherType: 2,
      isExact: true,
      showsSourceMac: false,
    }));

  test("an exact MAC is one for each value there is, and shown", () => {
    const tables = tablesOf(
      "priority=1,dl_src=02:00:00:00:00:01 actions=output:2",
      "priority=0 actions=drop",
    );
    expect(new HostileModel(tables).boundOf(inPort)).toMatchObject({
      megaflows: kinds * 2 ** 48,
      masks: 2,
      showsSourceMac: true,
    });
    // that one alone: a megaflow of each kind again
    expect(new HostileModel(tables).boundOf(inPort, 0x0200_0000_0001n)).toMatchObject({
      megaflows: kinds,
      isExact: true,
    });
  });

  test("strides of a walk add up, and do not multiply", () => {
    const tables = tablesOf(
      "table=0,priority=1,dl_src=00:00:00:00:00:00/f0:00:00:00:00:00 actions=goto_table:1",
      "table=0,priority=0 actions=drop",
      "table=1,priority=1,dl_src=00:00:00:00:00:00/0f:00:00:00:00:00 actions=output:2",
      "table=1,priority=0 actions=drop",
    );
    expect(new HostileModel(tables).boundOf(inPort)).toMatchObject({
      megaflows: kinds * (15 + 16),
      masks: 4,
    });
  });

  test("a prefix is missed once for each of its bits, by IPv4 alone", () => {
    const tables = tablesOf(
      "priority=1,ip,nw_dst=10.0.0.0/8 actions=output:2",
      "priority=0 actions=drop",
    );
    // 3 kinds of fragments with a tag and without: a hit and eight misses; all else as if there were nothing
    expect(new HostileModel(tables).boundOf(inPort)).toMatchObject({
      megaflows: kinds - 6 + 6 * (8 + 1),
      masks: 2 + 8,
    });
  });
});

test("where packets part by what the megaflow does not show, it is a bound only", () => {
  const tables = tablesOf(
    "table=0,priority=2,icmp6,icmpv6_type=135,icmpv6_code=0,nd_options_type=1 actions=output:2",
    "table=0,priority=0 actions=drop",
  );
  expect(new HostileModel(tables).boundOf(inPort)?.isExact).toBe(false);
});

describe("IPv6 in fragments", () => {
  const tables = (line: string) =>
    tablesOf(
      "table=0,priority=3,vlan_tci=0x1000/0x1000 actions=drop",
      "table=0,priority=2,dl_type=0x86dd,nw_frag=no actions=drop",
      line,
      "table=0,priority=0 actions=drop",
    );

  test("is never of protocol 0 where it has a fragment header", () => {
    const some = tables("table=0,priority=1,udp6 actions=output:2");
    expect(new HostileModel(some).boundOf(inPort)).toMatchObject({
      ...exhausted(some, { inPort }),
      isExact: true,
    });
  });

  test("shows the body of a message whose type no lookup sees", () => {
    const some = tables(
      "table=0,priority=1,icmp6,icmpv6_type=135,icmpv6_code=0,nd_target=f000::/4 actions=output:2",
    );
    const { megaflows, masks } = exhausted(some, { inPort });
    const bound = new HostileModel(some).boundOf(inPort);
    expect(bound?.megaflows).toBeGreaterThanOrEqual(megaflows);
    expect(bound).toMatchObject({ masks, isExact: false });
  });
});

test("resubmits are not followed", () => {
  const tables = tablesOf("table=0,priority=0 actions=resubmit(,1)", "table=1 actions=drop");
  expect(new HostileModel(tables).boundOf(inPort)).toBeUndefined();
});

describe("every megaflow there is, made one after another", () => {
  test.each([
    ["routed", withoutIpv6],
    ["bridged", (flows: readonly Flow[]) => flows],
  ] as const)("of a pod of a %s rail", (mode, chosen) => {
    const tables = classifyTables(chosen(tinyRail({ mode }).flows));
    const port = tables.portNumber("v0");
    expect(new HostileModel(tables).boundOf(port)).toMatchObject({
      ...exhausted(tables, { inPort: port }),
      isExact: true,
    });
  });

  test("at the uplink of a bridged rail, and for one source MAC of a routed one", () => {
    const bridged = classifyTables(withoutIpv6(tinyRail({ mode: "bridged" }).flows));
    const uplink = bridged.portNumber("p0");
    expect(new HostileModel(bridged).boundOf(uplink)).toMatchObject({
      ...exhausted(bridged, { inPort: uplink }),
      isExact: true,
      showsSourceMac: false,
    });
    const routed = classifyTables(withoutIpv6(tinyRail({ mode: "routed" }).flows));
    const port = routed.portNumber("p0");
    const sourceMac = 0x0200_0000_0001n;
    expect(new HostileModel(routed).boundOf(port)?.showsSourceMac).toBe(true);
    expect(new HostileModel(routed).boundOf(port, sourceMac)).toMatchObject({
      ...exhausted(routed, { inPort: port, sourceMac }),
      isExact: true,
    });
  });

  test(`in ${worlds} random worlds (seed ${seed})`, { timeout: 300_000 }, async () => {
    const random = new Random(seed);
    let compared = 0;
    for (let index = 0; index < worlds; index++) {
      const world = await (index % 2 === 0 ? randomWorld : nastyWorld)(random);
      for (const rail of world.inventory.rails.keys()) {
        const model = railModelOf(world.policy, world.inventory, { node: world.node, rail });
        const { tables } = model;
        const hostile = new HostileModel(tables);
        for (const { representor } of model.view.fleet.locals()) {
          const port = tables.portNumber(representor);
          const bound = hostile.boundOf(port);
          expect(bound?.isExact).toBe(true);
          if (bound === undefined || bound.megaflows > most) continue;
          const rightful = rightfulPackets(model, port);
          expect(bound, world.policyText).toMatchObject(
            exhausted(tables, { inPort: port, rightful }),
          );
          compared++;
        }
      }
    }
    expect(compared).toBeGreaterThan(0);
  });
});

test("a fabric with 400 scattered addresses is counted, too", async () => {
  const { policy, inventory, node, rail } = await crowdedNode(
    new Random(seed),
    "routed",
    "scattered",
    "roce, ping, web",
  );
  const { tables, view } = railModelOf(policy, inventory, { node, rail });
  const bound = new HostileModel(tables).boundOf(
    tables.portNumber(view.ports.uplink),
    view.ports.nextHop ?? 0n,
  );
  // each of 384 addresses elsewhere with four of its tenant here, in two families, and each wrong port of both kinds
  expect(bound?.megaflows).toBeGreaterThan(384 * 4 * 2 * 1000);
  expect(bound?.isExact).toBe(true);
});
