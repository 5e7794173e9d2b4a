/** A table as `ovs-vsctl --format=json list TABLE` prints it (ovs-vsctl(8), "Table Formatting Options"; RFC 7047, section 5.1). */

import { z } from "zod";

const table = z.object({
  headings: z.array(z.string()),
  data: z.array(z.array(z.unknown())),
});

export type Row = Readonly<Record<string, unknown>>;

/** Undefined if it is no such table. */
export function readTable(text: string): Row[] | undefined {
  const parsed = table.safeParse(parsedJson(text));
  if (!parsed.success) return undefined;
  const { headings, data } = parsed.data;
  return data.map((row) =>
    Object.fromEntries(headings.map((heading, index) => [heading, row[index]])),
  );
}

/** Undefined for text that is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The members of a column: of a set, or the one value that a set of one is printed as. Ids are their text. */
export function membersOf(value: unknown): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [String(value)];
  const [kind, content] = value as readonly unknown[];
  if (kind === "uuid") return [String(content)];
  if (kind === "set" && Array.isArray(content)) return content.flatMap(membersOf);
  return [];
}

/** The one value of a column that may be empty. */
export function oneOf(value: unknown): string | undefined {
  const [first] = membersOf(value);
  return first === "" ? undefined : first;
}

export function mapOf(value: unknown): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  if (!Array.isArray(value) || value[0] !== "map" || !Array.isArray(value[1])) return map;
  for (const pair of value[1] as readonly unknown[])
    if (Array.isArray(pair)) map.set(String(pair[0]), String(pair[1]));
  return map;
}
