/**
 * Bundles over an OpenFlow connection of our own instead of through a process of ovs-ofctl(8), which costs as long as
 * Open vSwitch itself needs for thousands of flows.
 */

import {
  type BundleStep,
  isBundleAnswer,
  writeBundleAdd,
  writeBundleStep,
} from "../openflow/wire/bundle.js";
import type { FlowModification } from "../openflow/wire/flow-mod.js";
import { ourCookie, ourCookieMask } from "./flow-text.js";
import type { Bundle } from "./open-vswitch.js";
import type { OpenflowConnection } from "./openflow-connection.js";
import { originOf } from "./printed-flow.js";
import type { PortNumbers } from "./read-answers.js";

/** So much is sent at once: Open vSwitch reads it while the next part is made. */
const partLength = 1 << 16;

/**
 * Whether Open vSwitch holds all of it, to be committed. If not, nothing of it is ever done. @throws {SwitchError}
 */
export async function prepareBundle(
  connection: OpenflowConnection,
  bundle: Bundle,
): Promise<boolean> {
  writeBundleStep(connection.writer, connection.nextXid(), "open");
  for (const modification of modificationsOf(bundle)) {
    if (modification === undefined) return false;
    const xid = connection.nextXid();
    if (!writeBundleAdd(connection.writer, xid, modification, modification.ports)) return false;
    if (connection.writer.length >= partLength) await connection.flush();
  }
  const isClosed = takeStep(connection, "close");
  await connection.flush();
  return isClosed;
}

/**
 * Whether it was done, once what the writer holds was sent. Should this process be killed then, the commit comes at once
 * or never: connmgr_run() of ofproto/connmgr.c serves its connections before it takes new ones.
 */
export function commitPrepared(connection: OpenflowConnection): Promise<boolean> {
  return takeStep(connection, "commit");
}

function takeStep(connection: OpenflowConnection, step: BundleStep): Promise<boolean> {
  const xid = connection.nextXid();
  writeBundleStep(connection.writer, xid, step);
  const isTaken = connection
    .answerTo(xid)
    .then(([answer]) => answer !== undefined && isBundleAnswer(answer, step));
  isTaken.catch(() => "told to whoever waits for it");
  return isTaken;
}

/** Deletes first, as ovs-ofctl is told; undefined for a flow that is not understood. */
function* modificationsOf({ adds, deletes }: Bundle): Generator<Modification | undefined> {
  for (const line of deletes) {
    const origin = originOf(line);
    yield origin && {
      command: "delete-strict",
      flow: origin.flow,
      ports: origin.ports,
      cookie: ourCookie,
      cookieMask: ourCookieMask,
    };
  }
  for (const line of adds) {
    const origin = originOf(line);
    yield origin && { command: "add", flow: origin.flow, ports: origin.ports };
  }
}

type Modification = FlowModification & { readonly ports: PortNumbers };
