/**
 * A client of the control socket of ovs-vswitchd: what ovs-appctl(8) does, without a process for each question.
 * The protocol is JSON-RPC 1.0 over a stream (RFC 7047, section 4; ovs-appctl(8)): objects one after the other.
 */

import { connect, type Socket } from "node:net";
import { SwitchError } from "./errors.js";
import { ObjectSplitter } from "./object-splitter.js";
import { defaultTimeoutMs } from "./run.js";

interface Waiting {
  readonly method: string;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: SwitchError) => void;
  readonly timer: NodeJS.Timeout;
}

interface Answer {
  readonly id: unknown;
  readonly result: unknown;
  readonly error: unknown;
}

export class Unixctl {
  private readonly waiting = new Map<number, Waiting>();
  private readonly splitter = new ObjectSplitter();
  private nextId = 0;
  private ended: SwitchError | undefined;

  private readonly socket: Socket;
  private readonly timeoutMs: number;

  private constructor(socket: Socket, timeoutMs: number) {
    this.socket = socket;
    this.timeoutMs = timeoutMs;
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => this.read(chunk));
    socket.on("error", (cause) => this.end(lost("broke", cause)));
    socket.on("close", () => this.end(lost("was closed")));
    // an idle connection must not keep the caller's process alive
    socket.unref();
  }

  /** @throws {SwitchError} `not-running`, `permission-denied` */
  static open(path: string, timeoutMs = defaultTimeoutMs): Promise<Unixctl> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", (cause: NodeJS.ErrnoException) => reject(unreachable(path, cause)));
      socket.once("connect", () => {
        socket.removeAllListeners("error");
        resolve(new Unixctl(socket, timeoutMs));
      });
    });
  }

  /**
   * One command and its text answer; many may be under way, Open vSwitch answers in order.
   *
   * @throws {SwitchError} `command-failed` with Open vSwitch's words, `timeout`, `not-running`
   */
  call(method: string, ...params: readonly string[]): Promise<string> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.expire(id), this.timeoutMs);
      this.waiting.set(id, { method, resolve, reject, timer });
      this.socket.ref();
      this.socket.write(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.end(lost("was closed"));
    this.socket.destroy();
  }

  private read(chunk: string): void {
    for (const text of this.splitter.push(chunk)) this.settle(JSON.parse(text) as Answer);
  }

  private settle(answer: Answer): void {
    const waiting = typeof answer.id === "number" ? this.take(answer.id) : undefined;
    if (waiting === undefined) return;
    if (answer.error === null || answer.error === undefined) {
      waiting.resolve(String(answer.result ?? ""));
      return;
    }
    const words = String(answer.error).trim();
    waiting.reject(
      new SwitchError({
        kind: "command-failed",
        message: `ovs-vswitchd refused \`${waiting.method}\`: ${words.split("\n")[0]}`,
        command: ["ovs-appctl", waiting.method],
        stderr: words,
      }),
    );
  }

  private expire(id: number): void {
    const waiting = this.take(id);
    waiting?.reject(
      new SwitchError({
        kind: "timeout",
        message: `ovs-vswitchd did not answer \`${waiting.method}\` within ${this.timeoutMs} ms`,
        help: "it runs but is busy or stuck: its log (ovs-vswitchd.log) and `ps` may tell why",
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

  private end(reason: SwitchError): void {
    this.ended ??= reason;
    for (const id of [...this.waiting.keys()]) this.take(id)?.reject(this.ended);
  }
}

function lost(how: string, cause?: unknown): SwitchError {
  const message = `the connection to ovs-vswitchd ${how}`;
  return new SwitchError({ kind: "not-running", message, cause });
}

function unreachable(path: string, cause: NodeJS.ErrnoException): SwitchError {
  const refused = cause.code === "EACCES" || cause.code === "EPERM";
  return new SwitchError({
    kind: refused ? "permission-denied" : "not-running",
    message: refused
      ? `no permission to use the control socket \`${path}\``
      : `ovs-vswitchd does not answer at \`${path}\``,
    help: refused ? "run railfence as root" : "start Open vSwitch, or name its run directory",
    cause,
  });
}
