/** What a scenario can do in the box: the NIC with its faults, Open vSwitch, and the logs that are kept. */

import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { attempt, sh, shell, sleep } from "./shell.js";

const run = "/run/openvswitch";
const parameters = "/sys/module/boxnic/parameters";

/** The driver's parameters that can be changed while it runs; driver/boxnic.c says what they do. */
export interface Faults {
  readonly table_size: number;
  readonly refused_keys: string;
  readonly refused_actions: string;
  readonly ignored_keys: string;
  readonly lying: boolean;
  readonly frozen_counters: boolean;
  readonly install_delay_ms: number;
}

const noFault: Faults = {
  table_size: 4096,
  refused_keys: "",
  refused_actions: "",
  ignored_keys: "",
  lying: false,
  frozen_counters: false,
  install_delay_ms: 0,
};

/** What the driver says of itself, one number for each eSwitch. */
export type Tally = "installed" | "refused" | "hits" | "misses";

export class Box {
  /** A line for whoever waits outside, where it gets its time. */
  say(line: string): void {
    console.log(line);
  }

  uptime(): number {
    return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  }

  async plugNic(vfs = 4): Promise<void> {
    await sh(`insmod /run/box/boxnic.ko vfs=${vfs}`);
    this.say(`the NIC is there: two eSwitches with ${vfs} VFs each`);
  }

  /** Sets these faults and clears all others. */
  setFaults(faults: Partial<Faults> = {}): void {
    for (const [name, value] of Object.entries({ ...noFault, ...faults })) {
      const text = typeof value === "boolean" ? Number(value) : value;
      writeFileSync(`${parameters}/${name}`, `${text}\n`);
    }
  }

  tally(name: Tally): [number, number] {
    const [first = 0, second = 0] = readFileSync(`${parameters}/${name}`, "utf8")
      .trim()
      .split(",")
      .map(Number);
    return [first, second];
  }

  /** Open vSwitch on the kernel's datapath, as its service starts it. */
  async startOpenVswitch(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.startDatabase(settings);
    await this.startForwarding();
  }

  /** What is configured now is done when forwarding starts. */
  async startDatabase(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await sh(`mkdir -p ${run}`);
    await sh(`ovsdb-tool create ${run}/conf.db /usr/share/openvswitch/vswitch.ovsschema`);
    const log = (name: string) => ["--detach", "--no-chdir", "--pidfile", `--log-file=${name}`];
    await shell(
      "ovsdb-server",
      ...log(`${run}/ovsdb-server.log`),
      ...["-vconsole:off", `--remote=punix:${run}/db.sock`, `${run}/conf.db`],
    );
    const all = { "hw-offload": "true", "max-idle": "60000", ...settings };
    await shell(
      "ovs-vsctl",
      ...["--no-wait", "init", "--", "set", "Open_vSwitch", "."],
      ...Object.entries(all).map(([key, value]) => `other_config:${key}=${value}`),
    );
  }

  async startForwarding(): Promise<void> {
    // OVS 3.1 counts the processors as 0, and has no threads for upcalls, while the clock is below 10 s
    while (this.uptime() < 10.5) await sleep(100);
    await shell(
      "ovs-vswitchd",
      ...["--detach", "--no-chdir", "--pidfile", `--log-file=${run}/ovs-vswitchd.log`],
      ...["-vconsole:off", `unix:${run}/db.sock`],
    );
    this.say("ovs-vswitchd runs");
  }

  /** Ends ovs-vswitchd and waits for it; the bridges stay in the database. */
  async stopForwarding(): Promise<void> {
    const pid = Number(readFileSync(`${run}/ovs-vswitchd.pid`, "utf8"));
    await attempt("ovs-appctl", "exit");
    for (let waited = 0; existsSync(`/proc/${pid}`) && waited < 200; waited++) await sleep(50);
  }

  /** As a crash ends it: nothing is cleaned up. */
  async killForwarding(): Promise<void> {
    const pid = Number(readFileSync(`${run}/ovs-vswitchd.pid`, "utf8"));
    process.kill(pid, "SIGKILL");
    while (existsSync(`/proc/${pid}`)) await sleep(50);
  }

  appctl(...words: readonly string[]): Promise<string> {
    return shell("ovs-appctl", ...words);
  }

  vsctl(...words: readonly string[]): Promise<string> {
    return shell("ovs-vsctl", ...words);
  }

  ofctl(...words: readonly string[]): Promise<string> {
    return shell("ovs-ofctl", ...words);
  }

  /** Keeps a text beside the result. */
  keep(name: string, text: string): void {
    writeFileSync(`/run/box/${name}`, text);
  }

  async keepLogs(): Promise<void> {
    for (const name of ["ovs-vswitchd.log", "ovsdb-server.log"])
      if (existsSync(`${run}/${name}`)) copyFileSync(`${run}/${name}`, `/run/box/${name}`);
  }
}
