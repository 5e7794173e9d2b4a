/**
 * JSON-RPC 1.0 over a socket of this machine, as Open vSwitch's daemons speak it (RFC 7047, section 4; ovs-appctl(8)):
 * objects one after the other.
 */

import { connect, type Socket } from "node:net";
import { SwitchError } from "./errors.js";
import { ObjectSplitter } from "./object-splitter.js";
import { defaultTimeoutMs } from "./run.js";

interface Waiting {
  readonly method: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: SwitchError) => void;
  readonly timer: NodeJS.Timeout;
}

interface Answer {
  readonly id: unknown;
  readonly result: unknown;
  readonly error: unknown;
}

/** Who listens: as messages name it. */
export type Daemon = "ovs-vswitchd" | "ovsdb-server";

export class JsonRpc {
  private readonly waiting = new Map<number, Waiting>();
  private readonly splitter = new ObjectSplitter();
  private nextId = 0;
  /** An error is made only when somebody is told it: its stack takes as long as a question. */
  private ended: (() => SwitchError) | undefined;

  private readonly socket: Socket;
  private readonly daemon: Daemon;
  private readonly timeoutMs: number;

  private constructor(socket: Socket, daemon: Daemon, timeoutMs: number) {
    this.socket = socket;
    this.daemon = daemon;
    this.timeoutMs = timeoutMs;
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => this.read(chunk));
    socket.on("error", (cause) => this.end(() => lost(daemon, "broke", cause)));
    socket.on("close", () => this.end(() => lost(this.daemon, "was closed")));
    // an idle connection must not keep the caller's process alive
    socket.unref();
  }

  /** @throws {SwitchError} `not-running`, `permission-denied` */
  static open(path: string, daemon: Daemon, timeoutMs = defaultTimeoutMs): Promise<JsonRpc> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", (cause: NodeJS.ErrnoException) =>
        reject(unreachable(path, daemon, cause)),
      );
      socket.once("connect", () => {
        socket.removeAllListeners("error");
        resolve(new JsonRpc(socket, daemon, timeoutMs));
      });
    });
  }

  /**
   * One method and its result; many may be under way.
   *
   * @throws {SwitchError} `command-failed` with the daemon's words in `stderr`, `timeout`, `not-running`
   */
  call(method: string, params: readonly unknown[]): Promise<unknown> {
    if (this.ended !== undefined) return Promise.reject(this.ended());
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.expire(id), this.timeoutMs);
      this.waiting.set(id, { method, resolve, reject, timer });
      this.socket.ref();
      this.socket.write(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.end(() => lost(this.daemon, "was closed"));
    this.socket.destroy();
  }

  private read(chunk: string): void {
    for (const text of this.splitter.push(chunk)) this.settle(JSON.parse(text) as Answer);
  }

  private settle(answer: Answer): void {
    const waiting = typeof answer.id === "number" ? this.take(answer.id) : undefined;
    if (waiting === undefined) return;
    if (answer.error === null || answer.error === undefined) {
      waiting.resolve(answer.result);
      return;
    }
    const words = String(answer.error).trim();
    waiting.reject(
      new SwitchError({
        kind: "command-failed",
        message: `${this.daemon} refused \`${waiting.method}\`: ${words.split("\n")[0]}`,
        stderr: words,
      }),
    );
  }

  private expire(id: number): void {
    const waiting = this.take(id);
    waiting?.reject(
      new SwitchError({
        kind: "timeout",
        message: `${this.daemon} did not answer \`${waiting.method}\` within ${this.timeoutMs} ms`,
        help: `it runs but is busy or stuck: its log (${this.daemon}.log) and \`ps\` may tell why`,
      }),
    );
  }

  private take(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    if (waiting === undefined) return undefined;
    clearTimeout(waiting.timer);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.socket.unref();
    return waiting;
  }

  private end(reason: () => SwitchError): void {
    this.ended ??= reason;
    for (const id of [...this.waiting.keys()]) this.take(id)?.reject(this.ended());
  }
}

function lost(daemon: Daemon, how: string, cause?: unknown): SwitchError {
  const message = `the connection to ${daemon} ${how}`;
  return new SwitchError({ kind: "not-running", message, cause });
}

function unreachable(path: string, daemon: Daemon, cause: NodeJS.ErrnoException): SwitchError {
  const refused = cause.code === "EACCES" || cause.code === "EPERM";
  return new SwitchError({
    kind: refused ? "permission-denied" : "not-running",
    message: refused
      ? `no permission to use the socket \`${path}\` of ${daemon}`
      : `${daemon} does not answer at \`${path}\``,
    help: refused ? "run railfence as root" : "start Open vSwitch, or name its run directory",
    cause,
  });
}
