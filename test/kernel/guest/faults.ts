/** One fault after the other: what is done to the node, what pods say then, and what verify says of it. */

import { readFileSync, writeFileSync } from "node:fs";
import type { Box, Faults } from "./box.js";
import { type Answer, railfence } from "./railfence.js";
import { sh, sleep } from "./shell.js";
import { converse, type Kind, type Told } from "./traffic.js";
import { type Verified, verify } from "./verdict.js";
import { inventoryFile, node, policyFile, type World } from "./world.js";

/** Counters come to tc within a second (as mlx5 reads them) and to Open vSwitch half a second later. */
const settleMs = 2500;
/** What OVS's threads need to make a megaflow of a first packet, many times over. */
const installMs = 500;

export interface Outcome {
  readonly told: readonly Told[];
  readonly verified: Verified;
}

/** A part of a node's life, and what it needs to be seen. */
export interface Fault {
  readonly rail: string;
  readonly nic?: Partial<Faults>;
  readonly kinds?: readonly Kind[];
  /** Before anybody speaks. */
  readonly begin?: () => Promise<unknown>;
  /** When all have spoken, before verify. */
  readonly meddle?: () => Promise<unknown>;
  readonly end?: () => Promise<unknown>;
  readonly inventory?: string;
  /** The NIC is called a liar only by packets that come seconds after its filter did. */
  readonly needsTime?: boolean;
  /** Nobody speaks. */
  readonly silent?: boolean;
}

export class Laboratory {
  private readonly box: Box;
  private readonly world: World;

  constructor(box: Box, world: World) {
    this.box = box;
    this.world = world;
  }

  async install(inventory = inventoryFile): Promise<void> {
    const words = [policyFile, "--inventory", inventory, "--node", node];
    const { exitCode, stderr } = await railfence("install", ...words);
    if (exitCode !== 0) throw new Error(`railfence install ended with ${exitCode}: ${stderr}`);
    this.box.say("railfence install: done");
  }

  /** Everybody speaks twice: the first packets make the megaflows, the later ones tell where those are. */
  async speak({ rail, kinds, needsTime = false }: Partial<Fault> = {}): Promise<Told[]> {
    await this.box.appctl("revalidator/purge");
    const selection = {
      // one rail, one family: a fault is the same on all, and the box is slow
      ...(rail === undefined ? {} : { rails: [rail], families: [0] }),
      ...(kinds === undefined ? {} : { kinds }),
    };
    await converse(this.world, selection);
    await sleep(needsTime ? settleMs : installMs);
    const told = await converse(this.world, selection);
    await sleep(settleMs);
    return told;
  }

  async observe(name: string, fault: Partial<Fault> = {}): Promise<Outcome> {
    const { rail, inventory } = fault;
    this.box.setFaults(fault.nic);
    await fault.begin?.();
    if (fault.silent === true) await this.box.appctl("revalidator/purge");
    const told = fault.silent === true ? [] : await this.speak(fault);
    await fault.meddle?.();
    const verified = await verify({
      save: name,
      ...(rail === undefined ? {} : { rail }),
      ...(inventory === undefined ? {} : { inventory }),
    });
    this.box.say(`${name}: verify ends with ${verified.exitCode}`);
    await fault.end?.();
    this.box.setFaults();
    this.box.keep(`saved/${name}/outcome.json`, JSON.stringify({ told, verified }, undefined, 2));
    return { told, verified };
  }

  async askDoctor(name: string): Promise<Answer> {
    const words = [policyFile, "--inventory", inventoryFile, "--node", node];
    const answer = await railfence("doctor", ...words, "--save", `/run/box/doctor-${name}`);
    this.box.keep(`doctor-${name}.txt`, answer.stdout + answer.stderr);
    this.box.say(`${name}: doctor ends with ${answer.exitCode}`);
    return answer;
  }

  /** Restarts ovs-vswitchd with other settings; what its bridges had is gone then, and is installed again. */
  async restart(settings: Readonly<Record<string, string>>): Promise<void> {
    await this.box.stopForwarding();
    const words = Object.entries(settings).map(([key, value]) => `other_config:${key}=${value}`);
    await this.box.vsctl("--no-wait", "set", "Open_vSwitch", ".", ...words);
    await this.box.startForwarding();
    await this.install();
  }

  /** A megaflow that ovs-vswitchd did not make; it looks at it again only after `max-revalidator`. */
  async forgeMegaflow(match: string, actions: string): Promise<void> {
    await this.box.vsctl("set", "Open_vSwitch", ".", "other_config:max-revalidator=600000");
    await sleep(1000);
    // OVS 3.1 takes no names in actions
    const ports = await this.box.appctl("dpctl/show");
    const numbers = new Map(
      [...ports.matchAll(/port (\d+): (\S+)/g)].map(([, number, name]) => [name, number]),
    );
    const numbered = (text: string) =>
      text.replace(/\bp[f0-9v]+\b/g, (name) => numbers.get(name) ?? name);
    const words = ["system@ovs-system", numbered(match), numbered(actions)];
    await this.box.appctl("dpctl/add-flow", ...words);
  }

  async forgetMegaflows(): Promise<void> {
    await this.box.vsctl("remove", "Open_vSwitch", ".", "other_config", "max-revalidator");
    await this.box.appctl("revalidator/purge");
  }

  /**
   * worker-1 gets a VF of the other NIC on rail pf1, as when a device plugin and a CNI plugin disagree: the port is on
   * the right bridge and on the wrong eSwitch.
   */
  async seatOnOtherNic(): Promise<string> {
    const text = readFileSync(inventoryFile, "utf8").replace('"pf1vf1"', '"pf0vf3"');
    const inventory = "/tmp/inventory.json";
    writeFileSync(inventory, text);
    const { mac, ips } = this.world.seat("worker-1", "pf1");
    await sh("ip -n worker-1 link set pf1 down");
    await sh("ip -n worker-1 link set pf1 name unused");
    await sh("ip link set p0v3 netns worker-1");
    await sh(`ip -n worker-1 link set p0v3 name pf1 address ${mac} up`);
    await sh("ip -n worker-1 address flush dev unused");
    for (const ip of ips)
      await sh(
        `ip -n worker-1 address add ${ip}/${ip.includes(":") ? 48 : 16} dev pf1${ip.includes(":") ? " nodad" : ""}`,
      );
    await sh("ovs-vsctl del-port pf1vf1 -- add-port br-pf1 pf0vf3");
    await sh("ip link set pf0vf3 up");
    await this.install(inventory);
    return inventory;
  }
}
