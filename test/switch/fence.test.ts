/** The Fence on a real switch: attach, detach, reload, and what goes wrong between. */

import { beforeEach, expect, test } from "vitest";
import { parseAddress } from "../../src/net/address.js";
import { parseMac } from "../../src/net/mac.js";
import type { Endpoint } from "../../src/policy/inventory.js";
import { Fence } from "../../src/switch/fence.js";
import type { FenceOptions } from "../../src/switch/fence-options.js";
import { uninstall } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { isEmpty } from "../../src/switch/plan.js";
import { originOf, PrintedFlow } from "../../src/switch/printed-flow.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { inventoryOf, policyOf } from "../support/checked.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";
import { twoBridgedRails } from "../support/two-bridged-rails.js";

const head = `
rail pf1, pf2
tenant blue { namespace blue-* }
tenant red { namespace red-* }
service roce = 4791/udp
service ping = icmp echo
`;
const policy = policyOf(`${head} allow each tenant <-> itself : roce`);

const inventory = inventoryOf({
  ...twoBridgedRails,
  nodes: {
    ...twoBridgedRails.nodes,
    "gpu-002": { rails: { pf1: { bridge: "br-pf1", uplink: "p0" } } },
  },
  endpoints: [
    {
      namespace: "blue-train",
      pod: "worker-9",
      node: "gpu-002",
      rail: "pf1",
      ips: ["10.101.9.9"],
    },
  ],
});

function endpoint(namespace: string, pod: string, host: number, rail = "pf1"): Endpoint {
  const subnet = rail === "pf1" ? "10.101" : "10.102";
  return {
    namespace,
    pod,
    node: "gpu-001",
    rail,
    addresses: [parseAddress(`${subnet}.0.${host}`) ?? expect.fail()],
    mac: parseMac(`0a:58:0a:65:00:0${host}`) ?? expect.fail(),
    representor: `${rail.replace("pf1", "pf0").replace("pf2", "pf1")}vf${host}`,
  };
}

const blue = endpoint("blue-train", "worker-1", 1);
const red = endpoint("red-train", "worker-2", 2);

describeWithOpenVswitch("a fence", () => {
  let own: PrivateSwitch;
  let ovs: OpenVswitch;
  beforeEach(async () => {
    own = await testSwitch({
      bridges: [
        { name: "br-pf1", ports: ["p0", "pf0vf1", "pf0vf2"] },
        { name: "br-pf2", ports: ["p1", "pf1vf1"] },
      ],
    });
    ovs = new OpenVswitch({ runDirectory: own.runDirectory });
    return () => own.stop();
  });

  const open = (changed: Partial<FenceOptions> = {}) =>
    Fence.open({ policy, inventory, switch: ovs, node: "gpu-001", ...changed });
  const dump = async (bridge = "br-pf1") =>
    (await own.ofctl("--no-stats", "dump-flows", bridge)).split("\n").slice(1).sort().join("\n");
  const isRight = async (fence: Fence) => (await fence.check()).every(({ plan }) => isEmpty(plan));

  /** Blue's worker-1 sends RoCE to an address: the ports that it leaves by. */
  const outputs = async (to: string, from = blue) => {
    const flow = `in_port=${from === blue ? 2 : 3},udp,dl_src=0a:58:0a:65:00:0${from === blue ? 1 : 2},dl_dst=0a:58:0a:65:00:09,nw_src=10.101.0.${from === blue ? 1 : 2},nw_dst=${to},nw_ttl=64,udp_src=1,udp_dst=4791`;
    return /Datapath actions: (.*)/.exec(await own.trace("br-pf1", flow))?.[1];
  };

  test("an attached endpoint may speak as the policy says, a detached one no more", async () => {
    const fence = await open();
    expect(await outputs("10.101.9.9")).toBe("drop");
    const { plans } = await fence.attach(blue);
    expect(plans.map(({ bridge }) => bridge)).toEqual(["br-pf1"]);
    expect(await outputs("10.101.9.9")).not.toBe("drop");
    expect(await isRight(fence)).toBe(true);
    await fence.detach(blue);
    expect(await outputs("10.101.9.9")).toBe("drop");
    expect(await isRight(fence)).toBe(true);
  });

  test("nothing is read whole while nothing speaks against what is remembered", async () => {
    const readings: string[] = [];
    class Watched extends OpenVswitch {
      override readFlowTexts(bridge: string) {
        readings.push("by ovs-ofctl");
        return super.readFlowTexts(bridge);
      }
      override dumpFlowsWithoutCookies(bridge: string) {
        readings.push("without cookies");
        return super.dumpFlowsWithoutCookies(bridge);
      }
    }
    const fence = await open({ switch: new Watched({ runDirectory: own.runDirectory }) });
    readings.length = 0;
    await fence.attach(blue);
    await fence.attach(red);
    await fence.detach(blue);
    expect(readings).toEqual([]);
    expect(await isRight(fence)).toBe(true);
    // the count of one table is another: that of ours is right
    await own.ofctl("add-flow", "br-pf1", "table=200,priority=5 actions=drop");
    readings.length = 0;
    await fence.attach(blue);
    expect(readings).toEqual(["by ovs-ofctl"]);
    await fence.detach(blue);
    expect(readings).toEqual(["by ovs-ofctl"]);
    expect(await isRight(fence)).toBe(true);
  });

  test("a flow that Open vSwitch changed on its way is noticed, and all is put back", async () => {
    class Lying extends OpenVswitch {
      override talkTo(bridge: string) {
        const talk = super.talkTo(bridge);
        if (talk === undefined) return undefined;
        const commit = talk.commit.bind(talk);
        // one flow gets other actions between here and there
        talk.commit = (bundle, inquire) => {
          const [first, ...adds] = bundle.adds;
          if (first === undefined) return commit(bundle, inquire);
          const { flow, ports } = originOf(first) ?? expect.fail();
          const elsewhere = [{ kind: "goto", table: 240 }] as const;
          const wrong = new PrintedFlow({ ...flow, actions: elsewhere }, ports);
          return commit({ adds: [wrong, ...adds], deletes: bundle.deletes }, inquire);
        };
        return talk;
      }
    }
    const honest = await open();
    const before = await dump();
    const fence = await open({ switch: new Lying({ runDirectory: own.runDirectory }) });
    await expect(fence.attach(blue)).rejects.toMatchObject({
      switchError: { kind: "read-back", flow: expect.stringContaining("goto_table") },
    });
    expect(await dump()).toBe(before);
    await honest.attach(blue);
    expect(await isRight(honest)).toBe(true);
  });

  test("a peer on another node comes and goes", async () => {
    const fence = await open();
    await fence.attach(blue);
    const { mac: _, representor: __, ...place } = endpoint("blue-eval", "worker-7", 7);
    await fence.attach({ ...place, node: "gpu-002" });
    expect(await outputs("10.101.0.7")).not.toBe("drop");
    await fence.detach({ namespace: "blue-eval", pod: "worker-7", rail: "pf1" });
    expect(await outputs("10.101.0.7")).toBe("drop");
  });

  test("attaching the same again sends nothing; another address replaces the first", async () => {
    const fence = await open();
    await fence.attach(blue);
    expect((await fence.attach({ ...blue })).plans.every(isEmpty)).toBe(true);
    const moved = { ...blue, addresses: [parseAddress("10.101.0.77") ?? expect.fail()] };
    await fence.attach(moved);
    expect(await outputs("10.101.9.9")).toBe("drop");
    expect(await dump()).not.toContain("10.101.0.1,");
    expect(await isRight(fence)).toBe(true);
  });

  test("many calls at once run one after the other", async () => {
    const fence = await open();
    const calls = [fence.attach(blue), fence.attach(red), fence.detach(blue), fence.attach(blue)];
    await Promise.all(calls);
    const both = await dump();
    const again = await open({
      inventory: { ...inventory, endpoints: [...inventory.endpoints, red, blue] },
    });
    expect(await dump()).toBe(both);
    expect(await isRight(again)).toBe(true);
  });

  test.each([
    ["duplicate-address", { ...red, addresses: blue.addresses }],
    ["duplicate-representor", { ...red, representor: "pf0vf1" }],
    ["duplicate-mac", { ...red, mac: blue.mac ?? expect.fail() }],
    ["address-outside-subnets", { ...red, addresses: [parseAddress("10.9.9.9") ?? expect.fail()] }],
    ["unknown-node", { ...red, node: "gpu-404" }],
    ["unknown-inventory-rail", { ...red, rail: "pf7" }],
  ])("an endpoint is rejected: %s", async (code, wrong) => {
    const fence = await open();
    await fence.attach(blue);
    const before = await dump();
    await expect(fence.attach(wrong)).rejects.toMatchObject({
      name: "FenceError",
      kind: "rejected",
      diagnostics: expect.arrayContaining([expect.objectContaining({ code })]),
    });
    expect(await dump()).toBe(before);
    await fence.attach(red);
    expect(await isRight(fence)).toBe(true);
  });

  test("who is not attached cannot be detached", async () => {
    const fence = await open();
    await expect(fence.detach(blue)).rejects.toMatchObject({ kind: "unknown-endpoint" });
  });

  test("a representor that is not there yet fails its own call and no other", async () => {
    const fence = await open();
    const late = endpoint("blue-train", "worker-3", 3);
    await expect(fence.attach(late)).rejects.toMatchObject({
      kind: "switch",
      switchError: { kind: "port-missing" },
    });
    await fence.attach(blue);
    await own.vsctl(
      "add-port",
      "br-pf1",
      "pf0vf3",
      "--",
      "set",
      "interface",
      "pf0vf3",
      "type=dummy",
    );
    await fence.attach(late);
    // the port goes without a word, and comes back under another number
    await own.vsctl("del-port", "pf0vf3");
    await fence.attach(red);
    expect((await fence.check())[0]?.absentPorts).toEqual(["pf0vf3"]);
    expect(await outputs("10.101.0.3")).toBe("drop");
    await own.vsctl(
      ...["add-port", "br-pf1", "pf0vf3", "--"],
      ...["set", "interface", "pf0vf3", "type=dummy", "ofport_request=77"],
    );
    expect(await isRight(fence)).toBe(false);
    await fence.repair();
    expect(await isRight(fence)).toBe(true);
    expect(await dump()).toContain("in_port=77");
    expect(await outputs("10.101.0.3")).not.toBe("drop");
  });

  test("another policy takes the place of the first, or nothing changes", async () => {
    const fence = await open();
    await fence.attach(blue);
    await fence.attach(red);
    expect(await outputs("10.101.0.2")).toBe("drop");
    await fence.reload(policyOf(`${head} allow blue <-> red : roce`));
    expect(await outputs("10.101.0.2")).not.toBe("drop");
    const before = await dump();
    await own.ofctl("add-flow", "br-pf2", "table=0,priority=0 actions=drop");
    const sctp = policyOf(`rail pf1, pf2
      tenant blue { namespace blue-* }
      service chat = 5000/sctp
      allow blue <-> blue : chat`);
    await expect(fence.reload(sctp)).rejects.toMatchObject({ kind: "rejected" });
    expect(await dump()).toBe(before);
    expect(await outputs("10.101.0.2")).not.toBe("drop");
  });

  test("flows that somebody deletes are noticed and mended by the next call", async () => {
    const fence = await open();
    await fence.attach(blue);
    await own.ofctl("del-flows", "br-pf1");
    expect(await isRight(fence)).toBe(false);
    await own.ofctl("del-flows", "br-pf1");
    await fence.attach(red);
    expect(await isRight(fence)).toBe(true);
    expect(await outputs("10.101.9.9")).not.toBe("drop");
  });

  test("a bridge that was made anew is filled by the next call", async () => {
    const fence = await open();
    await fence.attach(blue);
    await own.vsctl("del-br", "br-pf1");
    await expect(fence.attach(red)).rejects.toMatchObject({
      switchError: { kind: "bridge-missing" },
    });
    await own.vsctl(
      ...["add-br", "br-pf1", "--", "set", "bridge", "br-pf1", "datapath_type=dummy"],
      ...["fail_mode=secure", "--", "add-port", "br-pf1", "p0", "--", "set", "interface", "p0"],
      ...["type=dummy", "ofport_request=1", "--", "add-port", "br-pf1", "pf0vf2", "--"],
      ...["set", "interface", "pf0vf2", "type=dummy", "ofport_request=3"],
    );
    await fence.attach(red);
    expect(await isRight(fence)).toBe(true);
    await expect(fence.detach({ ...red, pod: "worker-77" })).rejects.toMatchObject({
      kind: "unknown-endpoint",
    });
  });

  test("another railfence that wrote in between is noticed", async () => {
    const fence = await open();
    await fence.attach(blue);
    await uninstall(ovs, "br-pf1");
    await fence.attach(red);
    expect(await isRight(fence)).toBe(true);
  });

  test("a foreign flow in the way refuses the call and stays", async () => {
    const fence = await open();
    await fence.attach(blue);
    const wanted = (await dump()).split("\n").find((line) => line.includes("in_port=2"));
    await fence.detach(blue);
    const foreign = wanted
      ?.replace(/cookie=0x\w+/, "cookie=0x5")
      .replace(/actions=.*/, "actions=drop");
    await own.ofctl("add-flow", "br-pf1", foreign?.trim() ?? expect.fail());
    const before = await dump();
    await expect(fence.attach(blue)).rejects.toMatchObject({
      switchError: { kind: "foreign-flow" },
    });
    expect(await dump()).toBe(before);
    await own.ofctl("del-flows", "br-pf1", "cookie=5/-1");
    await fence.attach(blue);
    expect(await isRight(fence)).toBe(true);
  });

  test("where rules reach across rails, a failure on the second bridge puts the first one back", async () => {
    const across = policyOf(`${head} allow blue <-> blue : roce across rails`);
    const fence = await open({ policy: across });
    await fence.attach(blue);
    const before = await dump();
    const other = endpoint("blue-train", "worker-1", 1, "pf2");
    await own.vsctl("set", "bridge", "br-pf1", "protocols=OpenFlow10");
    const beforeOther = await dump("br-pf2");
    await expect(fence.attach(other)).rejects.toMatchObject({
      switchError: { kind: "protocol-version" },
    });
    expect(await dump("br-pf2")).toBe(beforeOther);
    await own.vsctl("clear", "bridge", "br-pf1", "protocols");
    expect(await dump()).toBe(before);
    const { plans } = await fence.attach(other);
    expect(plans.map(({ bridge }) => bridge)).toEqual(["br-pf2", "br-pf1"]);
    expect(await isRight(fence)).toBe(true);
  });

  test("ovs-vswitchd gone: the call fails; started again without flows: the next call fills it", async () => {
    const fence = await open();
    await fence.attach(blue);
    await own.stopForwarding();
    await expect(fence.attach(red)).rejects.toMatchObject({ switchError: { kind: "not-running" } });
    await own.startForwarding();
    expect(await isRight(fence)).toBe(false);
    await fence.attach(red);
    expect((await fence.check())[0]?.plan.unchanged).toBeGreaterThan(10);
    await fence.repair();
    expect(await isRight(fence)).toBe(true);
    expect(await outputs("10.101.9.9")).not.toBe("drop");
  });

  test("ovs-vswitchd started again between two calls is noticed", async () => {
    const fence = await open();
    await fence.attach(blue);
    await own.stopForwarding();
    await own.startForwarding();
    await fence.attach(red);
    expect(await outputs("10.101.9.9")).not.toBe("drop");
  });

  test("a bridge that is reached over TCP is read whole for every call", async () => {
    const port = 20_000 + ((process.pid + 7) % 20_000);
    await own.vsctl("set-controller", "br-pf1", `ptcp:${port}:127.0.0.1`);
    const far = new OpenVswitch({ bridgeTarget: `tcp:127.0.0.1:${port}` });
    await expect.poll(() => far.portNumbers("br-pf1").catch(() => "not yet")).not.toBe("not yet");
    const fence = await open({ switch: far, rails: ["pf1"] });
    await fence.attach(blue);
    await own.ofctl("del-flows", "br-pf1");
    await fence.attach(red);
    expect(await isRight(fence)).toBe(true);
    expect(await outputs("10.101.9.9")).not.toBe("drop");
  });

  test("a closed fence takes no calls and leaves its flows", async () => {
    const fence = await open();
    await fence.attach(blue);
    const before = await dump();
    await fence.close();
    await expect(fence.attach(red)).rejects.toMatchObject({ kind: "closed" });
    expect(await dump()).toBe(before);
  });

  test("a node or a rail that the inventory does not know", async () => {
    await expect(open({ node: "gpu-404" })).rejects.toMatchObject({ kind: "unknown-node" });
    await expect(open({ rails: ["pf9"] })).rejects.toMatchObject({ kind: "unknown-rail" });
  });
});
