/**
 * A real Open vSwitch of one's own: own run directory, dummy datapath, no root, no kernel module, no NIC; up in
 * about 0.1 s. The switch of the demo and of the tests. `type=dummy` ports and `netdev-dummy/receive` are what Open
 * vSwitch's own tests use (tests/ofproto-macros.at).
 */

import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame } from "../net/packet.js";
import { controlSocketOf } from "./control-socket.js";
import { printDatapathFrame } from "./frame-text.js";
import {
  endDaemons,
  environmentOf,
  killForwarding,
  startDaemons,
  startForwarding,
  stopDaemons,
  vsctl,
} from "./private-daemons.js";
import { run } from "./run.js";
import { Unixctl } from "./unixctl.js";

export interface PrivateBridge {
  readonly name: string;
  /** The first one gets OpenFlow port 1, the second 2, and so on. */
  readonly ports: readonly string[];
}

export interface PrivateSwitchOptions {
  readonly bridges: readonly PrivateBridge[];
  /** Where the run directory is made; its path must leave room for a socket's name (unix(7): 108 bytes in all). */
  readonly parentDirectory?: string;
}

export interface PrivateSwitch {
  readonly runDirectory: string;
  /** Runs `ovs-vsctl` with these arguments; its standard output. */
  vsctl(...args: readonly string[]): Promise<string>;
  /** Runs `ovs-ofctl -O OpenFlow14` with these arguments; its standard output. */
  ofctl(...args: readonly string[]): Promise<string>;
  /** One command on the control socket of ovs-vswitchd. */
  appctl(method: string, ...params: readonly string[]): Promise<string>;
  /** A packet arrives at a port: a frame, Open vSwitch's datapath flow text, or the frame's bytes in hexadecimal. */
  inject(port: string, packet: Frame | string): Promise<void>;
  /** What `ofproto/trace BRIDGE FLOW` prints. */
  trace(bridge: string, flow: string): Promise<string>;
  /** What `dpctl/dump-flows -m` prints now, of all bridges. */
  dumpMegaflows(): Promise<string>;
  /** Ends ovs-vswitchd without warning, as a crash would; ovsdb-server stays. */
  stopForwarding(): Promise<void>;
  /** Starts ovs-vswitchd again: the bridges of before, without flows. */
  startForwarding(): Promise<void>;
  /** Ends both processes by their ids and removes the run directory; a second call does nothing. */
  stop(): Promise<void>;
  /** The same at once, for the handler of a signal; also done when this process exits. */
  stopNow(): void;
}

/** @throws {SwitchError} `tool-missing` without Open vSwitch's programs, `command-failed` with the log's last words */
export async function startPrivateSwitch(options: PrivateSwitchOptions): Promise<PrivateSwitch> {
  const directory = await mkdtemp(join(options.parentDirectory ?? tmpdir(), "railfence-"));
  const stopNow = () => {
    endDaemons(directory);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  };
  // from the first moment on: an interrupted start must not leave daemons behind
  process.once("exit", stopNow);
  try {
    await startDaemons(directory);
    await addBridges(directory, options.bridges);
    const control = new Control(directory);
    await control.call("version");
    return privateSwitch(directory, control, stopNow);
  } catch (error) {
    await stopDaemons(directory);
    process.removeListener("exit", stopNow);
    throw error;
  }
}

function privateSwitch(directory: string, control: Control, stopNow: () => void): PrivateSwitch {
  let stopped: Promise<void> | undefined;
  const environment = environmentOf(directory);
  return {
    runDirectory: directory,
    vsctl: (...args) => vsctl(directory, args),
    async ofctl(...args) {
      return (await run("ovs-ofctl", ["-O", "OpenFlow14", ...args], { environment })).stdout;
    },
    appctl: (method, ...params) => control.call(method, ...params),
    async inject(port, packet) {
      const text = typeof packet === "string" ? packet : printDatapathFrame(packet);
      await control.call("netdev-dummy/receive", port, text);
    },
    trace: (bridge, flow) => control.call("ofproto/trace", bridge, flow),
    dumpMegaflows: () => control.call("dpctl/dump-flows", "-m"),
    async stopForwarding() {
      control.close();
      await killForwarding(directory);
    },
    startForwarding: () => startForwarding(directory),
    stop() {
      stopped ??= stop(directory, control, stopNow);
      return stopped;
    },
    stopNow,
  };
}

async function stop(directory: string, control: Control, stopNow: () => void): Promise<void> {
  control.close();
  await stopDaemons(directory);
  process.removeListener("exit", stopNow);
}

async function addBridges(directory: string, bridges: readonly PrivateBridge[]): Promise<void> {
  if (bridges.length === 0) return;
  const commands = bridges.flatMap((bridge) => [
    ["add-br", bridge.name],
    ["set", "bridge", bridge.name, "datapath_type=dummy", "fail_mode=secure"],
    ...bridge.ports.flatMap((port, index) => [
      ["add-port", bridge.name, port],
      ["set", "interface", port, "type=dummy", `ofport_request=${index + 1}`],
    ]),
  ]);
  await vsctl(
    directory,
    commands.flatMap((command) => ["--", ...command]),
  );
}

/** One connection to ovs-vswitchd for all calls, made when it is needed. */
class Control {
  private readonly directory: string;
  private connection: Promise<Unixctl> | undefined;

  constructor(directory: string) {
    this.directory = directory;
  }

  async call(method: string, ...params: readonly string[]): Promise<string> {
    this.connection ??= Unixctl.open(controlSocketOf(this.directory));
    return (await this.connection).call(method, ...params);
  }

  close(): void {
    this.connection?.then((control) => control.close()).catch(() => "it was not there");
    this.connection = undefined;
  }
}
