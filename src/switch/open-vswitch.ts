/** A running Open vSwitch: its bridges through ovs-ofctl(8), its datapath through the control socket of ovs-vswitchd. */

import { type ReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "../net/packet.js";
import { BridgeTalk } from "./bridge-talk.js";
import { controlSocketOf } from "./control-socket.js";
import { SwitchError } from "./errors.js";
import { explainFailure } from "./explain-failure.js";
import { type FlowText, printAdd, printDelete, readFlowTexts } from "./flow-text.js";
import { printDatapathFrame } from "./frame-text.js";
import { hiddenFlowsIn } from "./hidden-flows.js";
import { withInputFile } from "./input-file.js";
import { startTimeOf } from "./process-identity.js";
import { type PortNumbers, readPortDescriptions, readShownPorts } from "./read-answers.js";
import { defaultTimeoutMs, type Output, run } from "./run.js";
import { Unixctl } from "./unixctl.js";

export interface OpenVswitchOptions {
  /** Where the daemons keep their sockets. */
  readonly runDirectory?: string | undefined;
  /**
   * How ovs-ofctl reaches a bridge instead: `unix:PATH`, `tcp:HOST:PORT` or `ssl:HOST:PORT` (ovs-ofctl(8)); `{bridge}` in
   * it stands for the bridge's name.
   */
  readonly bridgeTarget?: string | undefined;
  /** Who we are, and whom we believe, at an `ssl:` target. */
  readonly ssl?: SslFiles | undefined;
  /** For each single command. */
  readonly timeoutMs?: number | undefined;
}

/** Paths of PEM files, as ovs-ofctl(8) takes them. */
export interface SslFiles {
  readonly privateKey: string;
  readonly certificate: string;
  readonly caCertificate: string;
}

/** The place where distributions run Open vSwitch. */
export const systemRunDirectory = "/var/run/openvswitch";

/** What one bundle does: all of it or nothing. */
export interface Bundle {
  readonly adds: readonly FlowText[];
  readonly deletes: readonly FlowText[];
}

export class OpenVswitch {
  readonly runDirectory: string;
  readonly bridgeTarget: string | undefined;
  private readonly timeoutMs: number;
  private readonly sslOptions: readonly string[];

  constructor(options: OpenVswitchOptions = {}) {
    this.runDirectory = options.runDirectory ?? systemRunDirectory;
    this.bridgeTarget = options.bridgeTarget;
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.sslOptions = options.ssl === undefined ? [] : printSslOptions(options.ssl);
  }

  targetOf(bridge: string): string {
    return (
      this.bridgeTarget?.replaceAll("{bridge}", bridge) ??
      `unix:${join(this.runDirectory, `${bridge}.mgmt`)}`
    );
  }

  /** A conversation without processes, to be closed; undefined for a bridge elsewhere. */
  talkTo(bridge: string): BridgeTalk | undefined {
    if (this.bridgeTarget !== undefined) return undefined;
    return new BridgeTalk(join(this.runDirectory, `${bridge}.mgmt`), this.timeoutMs);
  }

  /** OpenFlow numbers of the bridge's ports by name, its own port (LOCAL) left out. @throws {SwitchError} */
  async portNumbers(bridge: string): Promise<PortNumbers> {
    // a question at the control socket costs a tenth of a process
    const shown = await this.ask("dpif/show");
    const known = shown === undefined ? undefined : readShownPorts(shown, bridge);
    return known ?? readPortDescriptions(await this.ofctl(bridge, "dump-ports-desc"));
  }

  /** What `ovs-ofctl dump-flows` prints: counters and all, of every flow of the bridge. */
  dumpFlows(bridge: string): Promise<string> {
    return this.ofctl(bridge, "dump-flows", { before: ["--no-names"] });
  }

  /** The flows of a bridge without their counters. */
  async readFlowTexts(bridge: string): Promise<FlowText[]> {
    // a bridge just made, or after a restart: no process is needed to read nothing
    if ((await this.shortly(bridge, (talk) => talk.countFlows())) === 0) return [];
    const before = ["--no-stats", "--no-names"];
    return readFlowTexts(await this.ofctl(bridge, "dump-flows", { before }));
  }

  /** `bridge/dump-flows`: without cookies, and without a process; undefined where it is not to be had. */
  dumpFlowsWithoutCookies(bridge: string): Promise<string | undefined> {
    return this.ask("bridge/dump-flows", bridge);
  }

  /**
   * Sends one OpenFlow 1.4 bundle, atomic and ordered (OpenFlow 1.4, section 6.9): either the switch does all of it, or
   * nothing.
   *
   * @throws {SwitchError} with Open vSwitch's words in `stderr`; nothing changed then, except perhaps after `timeout`
   */
  async sendBundle(bridge: string, bundle: Bundle): Promise<void> {
    if ((await this.shortly(bridge, (talk) => talk.commit(bundle))) !== undefined) return;
    const text = [...bundle.deletes.map(printDelete), ...bundle.adds.map(printAdd), ""].join("\n");
    // A pipe would end early if this process were killed, and ovs-ofctl would commit the part that it had read.
    await withInputFile(text, (input) =>
      this.ofctl(bridge, "add-flows", { before: ["--no-names", "--bundle"], after: ["-"], input }),
    );
  }

  /** Lines of flows that `dumpFlows` cannot see (hidden-flows.ts); undefined where nobody can be asked. */
  async dumpHiddenFlows(bridge: string): Promise<readonly string[] | undefined> {
    const dump = await this.dumpFlowsWithoutCookies(bridge);
    return dump === undefined ? undefined : hiddenFlowsIn(dump);
  }

  /** What becomes of IP fragments (`ovs-ofctl get-frags`): a setting of the bridge, which no flow shows. @throws {SwitchError} */
  async fragmentMode(bridge: string): Promise<string> {
    return (await this.ofctl(bridge, "get-frags")).trim();
  }

  /** What `dpctl/dump-flows` prints; one call is one snapshot. */
  dumpMegaflows(...options: readonly string[]): Promise<string> {
    return this.appctl("dpctl/dump-flows", ...(options.length === 0 ? ["-m"] : options));
  }

  /** What `ofproto/trace BRIDGE FLOW` prints; it sends no packet. */
  trace(bridge: string, flow: string): Promise<string> {
    return this.appctl("ofproto/trace", bridge, flow);
  }

  /** A packet arrives at a port of the dummy datapath; no other datapath can do this. */
  async inject(port: string, packet: Frame | string): Promise<void> {
    const text = typeof packet === "string" ? packet : printDatapathFrame(packet);
    await this.appctl("netdev-dummy/receive", port, text);
  }

  async appctl(method: string, ...params: readonly string[]): Promise<string> {
    const control = await Unixctl.open(controlSocketOf(this.runDirectory), this.timeoutMs);
    try {
      return await control.call(method, ...params);
    } finally {
      control.close();
    }
  }

  /** Changes when ovs-vswitchd is started again, and with it all flows are gone; undefined where that cannot be seen. */
  generation(): string | undefined {
    if (this.bridgeTarget !== undefined) return undefined;
    try {
      const pid = readFileSync(join(this.runDirectory, "ovs-vswitchd.pid"), "utf8").trim();
      return `${pid}@${startTimeOf(Number(pid)) ?? "gone"}`;
    } catch {
      return undefined;
    }
  }

  /** Undefined for a bridge elsewhere and where the control socket refuses: ovs-ofctl can still be asked then. */
  private async ask(method: string, ...params: readonly string[]): Promise<string | undefined> {
    if (this.bridgeTarget !== undefined) return undefined;
    try {
      return await this.appctl(method, ...params);
    } catch (error) {
      if (error instanceof SwitchError && error.kind !== "timeout") return undefined;
      throw error;
    }
  }

  private async shortly<T>(
    bridge: string,
    work: (talk: BridgeTalk) => Promise<T>,
  ): Promise<T | undefined> {
    const talk = this.talkTo(bridge);
    if (talk === undefined) return undefined;
    try {
      return await work(talk);
    } finally {
      talk.close();
    }
  }

  private async ofctl(
    bridge: string,
    command: string,
    options: {
      readonly before?: readonly string[];
      readonly after?: readonly string[];
      readonly input?: ReadStream;
    } = {},
  ): Promise<string> {
    const target = this.targetOf(bridge);
    const before = [...this.sslOptions, ...(options.before ?? [])];
    const args = ["-O", "OpenFlow14", ...before, command, target];
    const output = await run("ovs-ofctl", [...args, ...(options.after ?? [])], {
      timeoutMs: this.timeoutMs,
      mayFail: true,
      input: options.input,
    });
    if (output.exitCode === 0) return output.stdout;
    throw await this.failure(bridge, target, output);
  }

  private async failure(bridge: string, target: string, output: Output): Promise<SwitchError> {
    const daemonIsUp = this.bridgeTarget === undefined ? await this.answers() : undefined;
    return explainFailure(output, { bridge, target, daemonIsUp });
  }

  private async answers(): Promise<boolean> {
    try {
      await this.appctl("version");
      return true;
    } catch (error) {
      if (error instanceof SwitchError) return false;
      throw error;
    }
  }
}

function printSslOptions({ privateKey, certificate, caCertificate }: SslFiles): string[] {
  return [
    `--private-key=${privateKey}`,
    `--certificate=${certificate}`,
    `--ca-cert=${caCertificate}`,
  ];
}
