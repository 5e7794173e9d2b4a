/** An OpenFlow 1.4 connection to a bridge of this machine, as ovs-ofctl(8) makes one, without a process. */

import { connect, type Socket } from "node:net";
import {
  type Message,
  MessageSplitter,
  messageType,
  version,
  writeMessage,
} from "../openflow/wire/message.js";
import { isToBeContinued } from "../openflow/wire/multipart.js";
import { WireWriter } from "../openflow/wire/writer.js";
import { SwitchError } from "./errors.js";

interface Waiting {
  readonly parts: Message[];
  readonly resolve: (answer: readonly Message[]) => void;
  readonly reject: (error: SwitchError) => void;
}

export class OpenflowConnection {
  /** What is to be sent: filled by the caller, emptied by `flush`. */
  readonly writer = new WireWriter();
  private readonly socket: Socket;
  private readonly splitter = new MessageSplitter();
  private readonly timer: NodeJS.Timeout;
  private readonly waiting = new Map<number, Waiting>();
  /** An error is made only when somebody is told it: its stack takes as long as a message. */
  private failure: (() => SwitchError) | undefined;
  private lastXid = 0;

  private constructor(path: string, timeoutMs: number) {
    this.socket = connect(path);
    // what arrived while this process was busy with something else is read first
    const expire = () => setImmediate(() => this.fail(() => hung(timeoutMs)));
    this.timer = setTimeout(expire, timeoutMs);
    this.socket.on("data", (chunk) => this.read(chunk));
    this.socket.on("error", (cause) => this.fail(() => lost(cause.message, cause)));
    this.socket.on("close", () => this.fail(() => lost("closed by ovs-vswitchd")));
  }

  /**
   * `timeoutMs` is for all that is done on it.
   *
   * @throws {SwitchError} `timeout`, and `not-running` for whatever else keeps the two from talking; here and later
   */
  static async open(path: string, timeoutMs: number): Promise<OpenflowConnection> {
    const connection = new OpenflowConnection(path, timeoutMs);
    try {
      // without the bitmap of section 7.5.1 it means every version up to this one, and both take the highest in common
      const xid = connection.nextXid();
      writeMessage(connection.writer, messageType.hello, xid, () => {
        connection.writer.number(helloVersions, 2);
        connection.writer.number(8, 2);
        connection.writer.number(2 ** version, 4);
        return true;
      });
      await connection.ask(hello);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  nextXid(): number {
    return ++this.lastXid;
  }

  /** Sends what the writer holds, and waits while the other end is slower. @throws {SwitchError} */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) reject(this.failure());
      else
        this.socket.write(this.writer.take(), (error) =>
          error ? reject(this.failure?.() ?? lost(error.message, error)) : resolve(),
        );
    });
  }

  /**
   * The whole answer to that message of what the writer holds, once it was sent: as many messages as it comes in. Any
   * error that ovs-vswitchd sends ends all waiting. Rejects with a SwitchError; nobody has to listen.
   */
  answerTo(xid: number): Promise<readonly Message[]> {
    const answer = new Promise<readonly Message[]>((resolve, reject) => {
      if (this.failure !== undefined) reject(this.failure());
      else this.waiting.set(xid, { parts: [], resolve, reject });
    });
    answer.catch(() => "told to whoever waits for it");
    return answer;
  }

  /** Sends what the writer holds and waits for the answer to that message of it. @throws {SwitchError} */
  async ask(xid: number): Promise<readonly Message[]> {
    const answer = this.answerTo(xid);
    await this.flush();
    return answer;
  }

  close(): void {
    this.fail(() => lost("closed"));
  }

  private read(chunk: Uint8Array): void {
    try {
      for (const message of this.splitter.push(chunk)) this.take(message);
    } catch (cause) {
      this.fail(() => lost("that is no OpenFlow", cause));
    }
  }

  private take(message: Message): void {
    switch (message.type) {
      case messageType.error:
        this.fail(() => lost("ovs-vswitchd sent an error"));
        return;
      case messageType.hello:
        this.settle(hello, message);
        return;
      default:
        // an echo request too is passed over: Open vSwitch sends one after a minute of silence, and none is that long
        this.settle(message.xid, message);
    }
  }

  private settle(xid: number, message: Message): void {
    const waiting = this.waiting.get(xid);
    if (waiting === undefined) return;
    waiting.parts.push(message);
    if (isToBeContinued(message)) return;
    this.waiting.delete(xid);
    waiting.resolve(waiting.parts);
  }

  private fail(reason: () => SwitchError): void {
    if (this.failure !== undefined) return;
    this.failure = reason;
    clearTimeout(this.timer);
    for (const { reject } of this.waiting.values()) reject(reason());
    this.waiting.clear();
    this.socket.destroy();
  }
}

/** The other end's hello has a number of its own choice. */
const hello = -1;
/** OFPHET_VERSIONBITMAP. */
const helloVersions = 1;

function hung(timeoutMs: number): SwitchError {
  return new SwitchError({
    kind: "timeout",
    message: `ovs-vswitchd gave no answer within ${timeoutMs} ms`,
    help: "it runs but is busy or stuck: its log (ovs-vswitchd.log) and `ps` may tell why",
  });
}

function lost(how: string, cause?: unknown): SwitchError {
  return new SwitchError({
    kind: "not-running",
    message: `the OpenFlow connection: ${how}`,
    cause,
  });
}
