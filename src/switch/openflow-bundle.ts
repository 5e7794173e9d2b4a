/**
 * What goes over an OpenFlow connection of our own instead of through a process of ovs-ofctl(8), which costs as long as
 * Open vSwitch itself needs for thousands of flows. Only the short cuts: where one is closed, ovs-ofctl goes the whole
 * way and says what is the matter.
 */

import { readFlow } from "../openflow/read.js";
import {
  type BundleStep,
  isBundleAnswer,
  readCount,
  writeBundleAdd,
  writeBundleStep,
  writeCountRequest,
} from "../openflow/wire/bundle.js";
import type { FlowModification } from "../openflow/wire/flow-mod.js";
import { SwitchError } from "./errors.js";
import { type FlowText, ourCookie, ourCookieMask, printFlowText } from "./flow-text.js";
import type { Bundle } from "./open-vswitch.js";
import { OpenflowConnection } from "./openflow-connection.js";
import { PrintedFlow } from "./printed-flow.js";
import type { PortNumbers } from "./read-answers.js";

/** So much is sent at once: Open vSwitch reads it while the next part is made. */
const partLength = 1 << 16;

/**
 * Whether Open vSwitch carried it out, wholly. If not, it did nothing; or the connection broke after the commit, and
 * then the same bundle once more does no harm.
 *
 * @throws {SwitchError} `timeout`
 */
export async function commitBundle(
  path: string,
  bundle: Bundle,
  timeoutMs: number,
): Promise<boolean> {
  const done = await withConnection(path, timeoutMs, async (connection) => {
    writeBundleStep(connection.writer, connection.nextXid(), "open");
    for (const modification of modificationsOf(bundle)) {
      if (modification === undefined) return false;
      const xid = connection.nextXid();
      if (!writeBundleAdd(connection.writer, xid, modification, modification.ports)) return false;
      if (connection.writer.length >= partLength) await connection.flush();
    }
    // Once it is closed Open vSwitch holds all of it. Should this process be killed now, the commit comes at once or
    // never: connmgr_run() of ofproto/connmgr.c serves its connections before it takes new ones.
    return (await take(connection, "close")) && (await take(connection, "commit"));
  });
  return done === true;
}

/** Undefined where it cannot be known. @throws {SwitchError} `timeout` */
export function countFlows(path: string, timeoutMs: number): Promise<number | undefined> {
  return withConnection(path, timeoutMs, async (connection) => {
    const xid = connection.nextXid();
    writeCountRequest(connection.writer, xid);
    return readCount(await connection.ask(xid));
  });
}

async function take(connection: OpenflowConnection, step: BundleStep): Promise<boolean> {
  const xid = connection.nextXid();
  writeBundleStep(connection.writer, xid, step);
  return isBundleAnswer(await connection.ask(xid), step);
}

/** Deletes first, as ovs-ofctl is told; undefined for a flow that is not understood. */
function* modificationsOf({ adds, deletes }: Bundle): Generator<Modification | undefined> {
  const cookies = { cookie: ourCookie, cookieMask: ourCookieMask };
  for (const line of deletes) {
    const origin = originOf(line);
    yield origin && { ...origin, command: "delete-strict", ...cookies };
  }
  for (const line of adds) {
    const origin = originOf(line);
    yield origin && { ...origin, command: "add" };
  }
}

type Modification = FlowModification & { readonly ports: PortNumbers };

function originOf(line: FlowText): PrintedFlow["origin"] | undefined {
  if (line instanceof PrintedFlow) return line.origin;
  const flow = readFlow(printFlowText(line));
  return flow?.understood === true ? { flow, ports: new Map() } : undefined;
}

async function withConnection<T>(
  path: string,
  timeoutMs: number,
  work: (connection: OpenflowConnection) => Promise<T>,
): Promise<T | undefined> {
  let connection: OpenflowConnection | undefined;
  try {
    connection = await OpenflowConnection.open(path, timeoutMs);
    return await work(connection);
  } catch (error) {
    if (error instanceof SwitchError && error.kind !== "timeout") return undefined;
    throw error;
  } finally {
    connection?.close();
  }
}
