/** A namespace with a station in it (station.c): sends when told, and counts what it hears. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { sh } from "./shell.js";

/** What came to a station: `udp 10.101.0.16 4791`, and how often. */
export type Heard = ReadonlyMap<string, number>;

export interface Sending {
  readonly from: string;
  readonly to: string;
  readonly count: number;
  readonly gapMs: number;
}

export class Station {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(name: string, child: ChildProcess, lines: Interface) {
    this.name = name;
    this.child = child;
    this.answers = lines[Symbol.asyncIterator]();
  }

  /** In a namespace that is there already; it listens on these ports, UDP and TCP. */
  static async start(name: string, ports: readonly number[]): Promise<Station> {
    const words = ["netns", "exec", name, "/run/box/station", ...ports.map(String)];
    const child = spawn("ip", words, { stdio: ["pipe", "pipe", "inherit"] });
    const station = new Station(name, child, createInterface({ input: child.stdout }));
    if ((await station.answer()) !== "ready") throw new Error(`station ${name} did not start`);
    return station;
  }

  /** Runs a program in the namespace. */
  run(line: string): Promise<string> {
    return sh(`ip netns exec ${this.name} ${line}`);
  }

  /** Datagrams; how many the kernel took. */
  udp(sending: Sending, port: number, sourcePort = 40000): Promise<number> {
    const { from, to, count, gapMs } = sending;
    return this.number(`udp ${from} ${to} ${port} ${sourcePort} ${count} ${gapMs}`);
  }

  /** One connection; how many words came back over it. */
  tcp({ from, to, count, gapMs }: Sending, port: number): Promise<number> {
    return this.number(`tcp ${from} ${to} ${port} ${count} ${gapMs}`);
  }

  /** How many echo requests were answered. */
  ping({ from, to, count, gapMs }: Sending): Promise<number> {
    return this.number(`ping ${from} ${to} ${count} ${gapMs}`);
  }

  /** A frame as it stands. */
  raw(device: string, hex: string, count = 1): Promise<number> {
    return this.number(`raw ${device} ${hex} ${count}`);
  }

  /** All that came since the last question. */
  async heard(): Promise<Heard> {
    const line = await this.command("heard");
    const entries = line.split("; ").filter((entry) => entry !== "");
    return new Map(
      entries.map((entry) => {
        const at = entry.lastIndexOf(" ");
        return [entry.slice(0, at), Number(entry.slice(at + 1))];
      }),
    );
  }

  private async number(command: string): Promise<number> {
    const line = await this.command(command);
    if (!/^\d+$/.test(line)) throw new Error(`station ${this.name}: ${command}: ${line}`);
    return Number(line);
  }

  /** One after the other: a station does one thing at a time. */
  private command(line: string): Promise<string> {
    const answer = this.turn.then(() => {
      this.child.stdin?.write(`${line}\n`);
      return this.answer();
    });
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  private async answer(): Promise<string> {
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`station ${this.name} is gone`);
    return String(value);
  }
}
