/** Questions to the switch's database (RFC 7047, section 4.1.3), without a process of ovs-vsctl(8). */

import { join } from "node:path";
import { SwitchError } from "./errors.js";
import { JsonRpc } from "./json-rpc.js";

/** A row of the answer: columns by name, in the notation of RFC 7047, section 5.1. */
export type Row = Readonly<Record<string, unknown>>;

/** Undefined where the database does not answer or refuses. Never rejects: less is known then, and nothing is wrong. */
export async function selectRows(
  runDirectory: string,
  table: string,
  columns: readonly string[],
  where: readonly (readonly [column: string, is: "==", value: string])[],
  timeoutMs = 2_000,
): Promise<readonly Row[] | undefined> {
  const question = { op: "select", table, columns, where };
  try {
    const connection = await JsonRpc.open(join(runDirectory, "db.sock"), "ovsdb-server", timeoutMs);
    try {
      return rowsOf(await connection.call("transact", ["Open_vSwitch", question]));
    } finally {
      connection.close();
    }
  } catch (error) {
    if (error instanceof SwitchError) return undefined;
    throw error;
  }
}

/** One result for each operation; what was refused has `error` and no rows. */
function rowsOf(results: unknown): readonly Row[] | undefined {
  const [first] = Array.isArray(results) ? (results as readonly unknown[]) : [];
  if (typeof first !== "object" || first === null || !("rows" in first)) return undefined;
  return Array.isArray(first.rows) ? (first.rows as readonly Row[]) : undefined;
}
