/**
 * What is said to a bridge of this machine over one OpenFlow connection of our own. Only the short cuts: where one is
 * closed (what the bytes cannot say, what Open vSwitch refuses, a broken connection), the answer is undefined, and
 * ovs-ofctl(8) goes the whole way and says what is the matter.
 */

import type { Flow } from "../openflow/flow.js";
import {
  type CookieFilter,
  everyCookie,
  everyFlow,
  readCount,
  readFlowStatistics,
  readTableCounts,
  type TableCounts,
  writeFlowRequest,
  writeTableRequest,
} from "../openflow/wire/statistics.js";
import { SwitchError } from "./errors.js";
import { ourCookie, ourCookieMask } from "./flow-text.js";
import type { Inquiry } from "./inquiry.js";
import type { Bundle } from "./open-vswitch.js";
import { commitPrepared, prepareBundle } from "./openflow-bundle.js";
import { OpenflowConnection } from "./openflow-connection.js";

/** What a bridge holds, as far as it was asked. */
export interface Reply {
  readonly inquiry: Inquiry;
  /** To each question in its order: the flows of ours that it asks for. */
  readonly flows: readonly (readonly Flow[])[];
  /** Flows of anybody. */
  readonly tables: TableCounts;
  readonly ours: number;
}

const ofOurs: CookieFilter = { cookie: ourCookie, cookieMask: ourCookieMask };

export class BridgeTalk {
  private readonly opening: Promise<OpenflowConnection>;

  /** It connects at once, and what goes wrong then is told by the first call. `timeoutMs` is for all of it. */
  constructor(path: string, timeoutMs: number) {
    this.opening = OpenflowConnection.open(path, timeoutMs);
    this.opening.catch(() => "told by the first call");
  }

  close(): void {
    this.opening.then(
      (connection) => connection.close(),
      () => "it never opened",
    );
  }

  /** How many flows there are, anybody's. @throws {SwitchError} `timeout`, as all of these do */
  countFlows(): Promise<number | undefined> {
    return this.attempt(async (connection) => {
      const xid = connection.nextXid();
      writeFlowRequest(connection.writer, xid, "aggregate", everyFlow, everyCookie);
      return readCount(await connection.ask(xid));
    });
  }

  /** How many flows each table has, anybody's; tables without any are left out. */
  countTables(): Promise<TableCounts | undefined> {
    return this.attempt(async (connection) => {
      const xid = connection.nextXid();
      writeTableRequest(connection.writer, xid);
      return readTableCounts(await connection.ask(xid));
    });
  }

  /**
   * Has Open vSwitch carry out a bundle, wholly, and then asks what it holds; the reply alone may be missing. Without an
   * answer at all it did nothing, or the connection broke after the commit, and then the same bundle once more does no
   * harm. `inquire` runs while Open vSwitch reads the bundle.
   */
  commit(
    bundle: Bundle,
    inquire?: () => Inquiry | undefined,
  ): Promise<{ readonly reply: Reply | undefined } | undefined> {
    return this.attempt(async (connection) => {
      const preparing = prepareBundle(connection, bundle);
      preparing.catch(() => "told by the await below");
      const inquiry = inquire?.();
      if (!(await preparing)) return undefined;
      const committing = commitPrepared(connection);
      // in the same breath: the messages of a connection are handled one after the other
      const answering = inquiry && this.askAll(connection, inquiry);
      answering?.catch(() => "told by the attempt below");
      await connection.flush();
      if (!(await committing)) return undefined;
      return { reply: await this.attempt(async () => answering) };
    });
  }

  private async askAll(
    connection: OpenflowConnection,
    inquiry: Inquiry,
  ): Promise<Reply | undefined> {
    const { writer } = connection;
    const lists = inquiry.questions.map((question) => {
      const xid = connection.nextXid();
      const isSaid = writeFlowRequest(writer, xid, "flow", question, ofOurs);
      return isSaid ? connection.answerTo(xid) : undefined;
    });
    const tables = connection.nextXid();
    writeTableRequest(writer, tables);
    const ours = connection.nextXid();
    writeFlowRequest(writer, ours, "aggregate", everyFlow, ofOurs);
    const counts = Promise.all([connection.answerTo(tables), connection.answerTo(ours)]);
    // nobody waits for it where a list already settles the answer
    counts.catch(() => "told to whoever waits for it");
    const flows: (readonly Flow[])[] = [];
    for (const list of lists) {
      const read = list && readFlowStatistics(await list);
      if (read === undefined) return undefined;
      flows.push(read);
    }
    const [tableAnswer, ourAnswer] = await counts;
    const found = { tables: readTableCounts(tableAnswer), ours: readCount(ourAnswer) };
    if (found.tables === undefined || found.ours === undefined) return undefined;
    return { inquiry, flows, tables: found.tables, ours: found.ours };
  }

  private async attempt<T>(
    work: (connection: OpenflowConnection) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work(await this.opening);
    } catch (error) {
      // a RangeError: an answer that ends too soon
      if (error instanceof RangeError) return undefined;
      if (error instanceof SwitchError && error.kind !== "timeout") return undefined;
      throw error;
    }
  }
}
