/** Counters, ages and time-outs of a flow, as a switch prints them. */

import { headKeys } from "./line-layout.js";
import type { Piece } from "./read-pieces.js";
import { readNumber } from "./read-value.js";

/** What a switch says of a flow beside the flow: each where the text says it. */
export interface FlowStatistics {
  readonly packets?: bigint;
  readonly bytes?: bigint;
  readonly durationSeconds?: number;
  readonly idleAgeSeconds?: number;
  readonly hardAgeSeconds?: number;
  readonly idleTimeoutSeconds?: number;
  readonly hardTimeoutSeconds?: number;
  readonly importance?: number;
  readonly flags: readonly string[];
}

export function statisticsOf(pieces: readonly Piece[]): FlowStatistics {
  const values = new Map<string, string>();
  const flags: string[] = [];
  for (const { key, value } of pieces)
    if (headKeys.get(key) === "flag") flags.push(key);
    else if (value !== undefined) values.set(key, value);
  const number = (...keys: string[]): number | undefined => {
    for (const key of keys) {
      const found = /^[0-9]+(\.[0-9]+)?(?=s?$)/.exec(values.get(key) ?? "");
      if (found !== null) return Number(found[0]);
    }
    return undefined;
  };
  return withoutUndefined({
    packets: readNumber(values.get("n_packets") ?? ""),
    bytes: readNumber(values.get("n_bytes") ?? ""),
    durationSeconds: number("duration"),
    idleAgeSeconds: number("idle_age"),
    hardAgeSeconds: number("hard_age"),
    idleTimeoutSeconds: number("idle_timeout", "idle"),
    hardTimeoutSeconds: number("hard_timeout", "hard"),
    importance: number("importance"),
    flags,
  });
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as Defined<T>;
}
