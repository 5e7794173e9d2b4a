/** Answers about tables that say the same in other words, and about tables that do not. */

import { describe, expect, test } from "vitest";
import { compileRail } from "../../../src/compile/compile-rail.js";
import { addressSetOf, everyAddress } from "../../../src/net/address-set.js";
import type { Action } from "../../../src/openflow/action.js";
import { fieldOf } from "../../../src/openflow/field.js";
import type { Flow } from "../../../src/openflow/flow.js";
import { readFlows } from "../../../src/openflow/read.js";
import { proveRail } from "../../../src/verify/proof/prove-rail.js";
import { differenceBetween } from "../../../src/verify/proof/reachability-difference.js";
import { Random } from "../../support/random.js";
import { randomWorld } from "../../support/random-world.js";

const seed = 5;
const world = await randomWorld(new Random(seed));
const rail = "r1";
const { flows } = compileRail(world.policy, world.inventory, { node: world.node, rail });
const about = { ...world, rail };
const [pod] = world.inventory.endpoints.filter(
  (one) => one.node === world.node && one.rail === rail,
);
const port = pod?.representor ?? "";

function verdictOf(changed: readonly Flow[]): string {
  return proveRail({ ...about, flows: changed }).verdict;
}

function read(text: string): readonly Flow[] {
  return readFlows({ name: "test", text }).flows;
}

describe("tables that send everything back or copy one field to another", () => {
  const bouncing = read("table=0,priority=1 actions=IN_PORT\n");
  const copying = [
    "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]",
    "move:NXM_OF_ETH_DST[]->NXM_OF_ETH_SRC[]",
  ].map((action) => read(`table=0,priority=65535,in_port=uplink,ip actions=${action},LOCAL\n`));

  // an answer swaps addresses: the frames in which that changes nothing are a set of 2^32 branches
  test.each(["r1", "r2"])("differ, and not only in memory (%s)", (name) => {
    const compiled = compileRail(world.policy, world.inventory, { node: world.node, rail: name });
    const proved = (flows: readonly Flow[]) => proveRail({ ...world, rail: name, flows }).verdict;
    expect(proved(bouncing)).toBe("different");
    const fromHost = "in_port=LOCAL actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],output";
    const host = read(`table=0,priority=65535,${fromHost}:"${compiled.ports.uplink}"\n`);
    expect(proved([...compiled.flows, ...host])).toBe("different");
    for (const more of copying)
      expect(proved([...compiled.flows, ...renamed(more, compiled.ports.uplink)])).toBe(
        "different",
      );
  });
});

/** `in_port=uplink` as the rail calls it. */
function renamed(flows: readonly Flow[], uplink: string): readonly Flow[] {
  return flows.map(({ table, priority, cookie, actions, match: { fields } }) => ({
    ...{ table, priority, cookie, actions },
    match: { inPort: uplink, fields },
  }));
}

describe("tables in other words are equal", () => {
  test("in another order", () => {
    expect(verdictOf(new Random(1).shuffled(flows))).toBe("equal");
  });

  test("at another table base, led to by a flow of somebody else", () => {
    const compiled = compileRail(world.policy, world.inventory, {
      node: world.node,
      rail,
      tableBase: 20,
    });
    const first = { table: 0, priority: 0, cookie: 1n, match: { fields: [] } } as const;
    const leading: Flow = { ...first, actions: [{ kind: "goto", table: 20 }] };
    const resubmitting: Flow = { ...first, actions: [{ kind: "resubmit", table: 20 }] };
    expect(verdictOf([...compiled.flows, leading])).toBe("equal");
    expect(verdictOf([...compiled.flows, resubmitting])).toBe("equal");
  });

  test("with a match split in two, by one bit that it leaves open", () => {
    const random = new Random(2);
    const split = flows.flatMap((flow) => {
      const open = flow.match.fields.find(
        ({ field, mask }) => /^(nw|ipv6)_dst$/.test(field) && mask !== fieldOf(field).full,
      );
      if (open === undefined || random.chance(0.5)) return [flow];
      const free = fieldOf(open.field).full & ~open.mask;
      const bit = free & -free;
      return [0n, bit].map((value) => ({
        ...flow,
        match: {
          ...flow.match,
          fields: flow.match.fields.map((one) =>
            one === open ? { ...one, value: one.value | value, mask: one.mask | bit } : one,
          ),
        },
      }));
    });
    expect(split.length).toBeGreaterThan(flows.length);
    expect(verdictOf(split)).toBe("equal");
  });

  test("with flows that no packet comes to, whatever they say", () => {
    const shadowed = read(
      "table=0,priority=1,in_port=LOCAL actions=NORMAL\ntable=253,actions=drop\ntable=254,priority=7,ct_state=+trk actions=controller\n",
    );
    expect(verdictOf([...flows, ...shadowed])).toBe("equal");
  });

  test("with registers, a resubmit and a rewrite that leave no trace", () => {
    const detour = flows.map((flow): Flow => {
      if (flow.table !== 0 || flow.match.inPort !== "LOCAL") return flow;
      const actions: Action[] = [
        { kind: "set", field: "reg7", value: 5n },
        { kind: "resubmit", table: 250 },
      ];
      return { ...flow, actions };
    });
    const behind = read("table=250,reg7=5 actions=output:p0\n");
    expect(verdictOf(detour.concat(behind))).toBe("equal");
  });

  test.each([
    ["a note and a queue", "note:00.01,set_queue:5,resubmit(,250),pop_queue", "output:p0"],
    [
      "an action set that is emptied",
      `write_actions(output:${port}),goto_table:250`,
      "clear_actions,write_actions(output:p0)",
    ],
    ["an output that waits", "write_actions(output:p0),goto_table:250", "note:00"],
    ["an output that waits, and a drop", "write_actions(output:p0),goto_table:250", "drop"],
    [
      "an output that is written over",
      `resubmit(,250),write_actions(output:p0)`,
      `write_actions(output:${port})`,
    ],
  ])("with %s", (_, first, behind) => {
    const own = read(
      `table=0,priority=65535,in_port=LOCAL actions=${first}\ntable=250,actions=${behind}\n`,
    );
    expect(verdictOf([...flows, ...own])).toBe("equal");
  });
});

test("a register that only the action set reads is not forgotten before the end", () => {
  const text = (
    read: string,
  ) => `table=0,priority=65535,in_port=LOCAL,ip actions=move:NXM_OF_IP_DST[]->NXM_NX_REG7[],write_actions(move:${read}->NXM_OF_IP_DST[],output:p0),goto_table:250
table=250,actions=drop
`;
  expect(verdictOf([...flows, ...read(text("NXM_NX_REG7[]"))])).toBe("equal");
  expect(verdictOf([...flows, ...read(text("NXM_NX_REG6[]"))])).toBe("different");
});

describe("tables that are not the policy", () => {
  test.each([
    ["NORMAL in front", "priority=65535 actions=NORMAL", "unknown"],
    [
      "a match that nobody knows",
      `priority=65535,in_port=LOCAL,ct_state=+trk actions=drop`,
      "unknown",
    ],
    ["a loop", "priority=65535,in_port=LOCAL actions=resubmit(,0)", "different"],
    ["a drop in front", "priority=65535,in_port=LOCAL actions=drop", "different"],
    [
      "a rewrite",
      "priority=65535,in_port=LOCAL actions=mod_dl_src:02:00:00:00:00:01,output:p0",
      "different",
    ],
    [
      "a copy for a controller",
      "priority=65535,in_port=LOCAL actions=controller,output:p0",
      "different",
    ],
    ["a pause", "priority=65535,in_port=LOCAL actions=controller(pause),output:p0", "unknown"],
    [
      "an output that waits",
      `priority=65535,in_port=LOCAL actions=write_actions(output:${port}),goto_table:250`,
      "different",
    ],
    ["a copy", `priority=65535,in_port=LOCAL actions=output:p0,output:${port}`, "different"],
  ])("%s is %s", (_, text, verdict) => {
    const proof = proveRail({ ...about, flows: [...flows, ...read(`table=0,${text}\n`)] });
    expect(proof.verdict).toBe(verdict);
    expect(proof.findings[0]?.foreign).toHaveLength(1);
  });

  test("two flows of one priority that differ are unknown, and that agree are equal", () => {
    const same = read("table=0,priority=60000,in_port=LOCAL,ip actions=output:p0\n");
    const other = read("table=0,priority=60000,in_port=LOCAL,ip actions=drop\n");
    expect(verdictOf([...flows, ...same])).toBe("equal");
    const { verdict, findings } = proveRail({ ...about, flows: [...flows, ...other] });
    expect(verdict).toBe("unknown");
    expect(findings[0]?.doubt?.kind).toBe("ambiguous");
  });
});

describe("what is open to a look at one packet, and all the same, is known", () => {
  const inFront = "table=0,priority=65535,in_port=LOCAL";
  test.each([
    ["drop and drop", `${inFront},ip actions=load:1->NXM_NX_REG5[]\n${inFront} actions=drop`],
    [
      "the same port by another way",
      `${inFront},ip actions=output:${port}\n${inFront} actions=resubmit(,250)\ntable=250,actions=output:${port}`,
    ],
    [
      "a match that nobody knows above a flow that does the same",
      `${inFront},ct_state=+trk actions=load:1->NXM_NX_REG5[]\ntable=0,priority=65534,in_port=LOCAL actions=drop`,
    ],
    [
      "a match that nobody knows beside a flow that certainly matches",
      `${inFront},ct_state=+trk actions=drop\n${inFront} actions=drop\ntable=0,priority=65534,in_port=LOCAL actions=output:${port}`,
    ],
    [
      "two doubts in a row",
      `${inFront},ip actions=resubmit(,250)\n${inFront},ip,nw_tos=0 actions=drop\ntable=250,ip actions=drop\ntable=250,ip,nw_ttl=64 actions=load:1->NXM_NX_REG5[]\n${inFront},arp actions=drop`,
    ],
  ])("%s: different, and not a doubt", (_, text) => {
    const proof = proveRail({ ...about, flows: [...flows, ...read(`${text}\n`)] });
    expect(proof.verdict).toBe("different");
    expect(proof.findings.length).toBeGreaterThan(0);
    for (const { kind, doubt, foreign } of proof.findings) {
      expect(kind).toBe("different");
      expect(doubt).toBeUndefined();
      expect(foreign.length).toBeGreaterThan(0);
    }
  });
});

test("packets that are in doubt for different reasons are told apart", () => {
  const inFront = "table=0,priority=65535,in_port=LOCAL,arp";
  const doubts = read(`${inFront},arp_op=1,ct_state=+trk actions=drop
${inFront},arp_op=2 actions=drop
${inFront},arp_op=2,dl_src=02:00:00:00:00:00/02:00:00:00:00:00 actions=output:p0
`);
  const { findings } = proveRail({ ...about, flows: [...flows, ...doubts] });
  const unknown = findings.filter(({ kind }) => kind === "unknown");
  expect(unknown.map(({ doubt }) => doubt?.kind).sort()).toEqual(["ambiguous", "unknown-match"]);
});

test("the same news of two packets is told once", () => {
  const inFront = "table=0,priority=65535,in_port=LOCAL,ip";
  const drops = read(
    `${inFront},nw_dst=10.9.0.1 actions=drop\n${inFront},nw_dst=10.9.0.3 actions=drop\n`,
  );
  const { findings, hasMore } = proveRail({ ...about, flows: [...flows, ...drops] });
  expect(findings).toHaveLength(1);
  expect(hasMore).toBe(false);
});

test("a port that the bridge does not have is named, and nothing is asked of it", () => {
  const { uplink } = compileRail(world.policy, world.inventory, { node: world.node, rail }).ports;
  const named = new Map([[uplink, 1]]);
  const { verdict, ports, absentPorts } = proveRail({ ...about, flows, portNumbers: named });
  expect(verdict).toBe("equal");
  expect(absentPorts).toContain(port);
  expect(ports).toContain(uplink);
  expect(ports).not.toContain(port);
});

/** Each a way of its own, for it has a priority of its own. */
function manyWays(outcomes: number, ways: number): readonly Flow[] {
  const lines = Array.from({ length: outcomes * ways }, (_, at) => {
    const outcome = 1 + Math.floor(at / ways);
    const match = `priority=${61_000 + at},in_port=LOCAL,ip,nw_dst=10.9.${outcome}.${at % ways}`;
    return `table=0,${match} actions=mod_dl_src:02:00:00:00:00:${outcome.toString(16).padStart(2, "0")},output:p0`;
  });
  return read(`${lines.join("\n")}\n`);
}

test.each([
  [1, 12, 12, false],
  [1, 13, 12, true],
  [16, 12, 192, false],
  [18, 12, 204, true],
])("of %i outcomes by %i ways each, %i are told", (outcomes, ways, told, more) => {
  const foreign = manyWays(outcomes, ways);
  const { findings, hasMore } = proveRail({ ...about, flows: [...flows, ...foreign] });
  expect(findings).toHaveLength(told);
  expect(hasMore).toBe(more);
});

test("what a port that is nobody's sends is neither gained nor lost", () => {
  const stray = read(`table=0,priority=65535,in_port=stray actions=output:${port}\n`);
  const changed = { ...about, flows: [...flows, ...stray] };
  expect(proveRail(changed).verdict).toBe("different");
  expect(differenceBetween(changed).changes).toEqual([]);
});

test("a copy for a controller is neither a way in nor a way out", () => {
  const changesWith = (actions: string) => {
    const text = `table=0,priority=65535,in_port=${port},ip actions=${actions}\n`;
    return differenceBetween({ ...about, flows: [...flows, ...read(text)] }).changes;
  };
  const kindsOf = (actions: string) => new Set(changesWith(actions).map(({ kind }) => kind));
  // what the policy lets pass goes nowhere now, and what it drops does not pass either
  expect(kindsOf("controller")).toEqual(new Set(["gained"]));
  expect(kindsOf("controller,output:p0").has("lost")).toBe(true);
});

test("lists that differ in what they write alone are two", () => {
  const text = (
    other: string,
  ) => `table=0,priority=65535,in_port=LOCAL,ip actions=write_actions(output:p0)
table=0,priority=65534,in_port=LOCAL actions=write_actions(output:${other})
`;
  expect(verdictOf([...flows, ...read(text("p0"))])).toBe("equal");
  expect(verdictOf([...flows, ...read(text(port))])).toBe("different");
});

test("what an emptied switch lacks is gained by the policy, and nothing is lost", () => {
  const difference = differenceBetween({ ...about, flows: [] });
  const fromPods = difference.changes.filter(({ port: one }) => typeof one.from !== "string");
  expect(new Set(difference.changes.map(({ kind }) => kind))).toEqual(new Set(["gained"]));
  for (const change of fromPods) {
    const { family } = change;
    const everybody = everyAddress(family);
    const own = addressSetOf(
      family,
      typeof change.port.from === "string" ? [] : change.port.from.addresses,
    );
    expect(difference.isNothing(difference.within(change, own, everybody))).toBe(false);
    const others = addressSetOf(family, []);
    expect(difference.isNothing(difference.within(change, others, everybody))).toBe(true);
  }
});
