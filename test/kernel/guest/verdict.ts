/** What `railfence verify` says in the box, short enough to be compared. */

import { readFileSync } from "node:fs";
import { railfence } from "./railfence.js";
import { inventoryFile, node, policyFile } from "./world.js";

/** The parts of verify's JSON (schema/verdict.json) that are looked at. */
interface VerdictDocument {
  readonly rails: readonly {
    readonly rail: string;
    readonly rules: readonly {
      readonly rule: { readonly text: string };
      readonly state: string;
      readonly tally: Tally;
      readonly connections: readonly Connection[];
    }[];
    readonly duties: readonly { readonly duty: string; readonly tally: Tally }[];
    readonly denied: Tally;
    readonly findings: readonly Finding[];
  }[];
}

interface Tally {
  readonly megaflows: number;
  readonly packets: number;
  readonly states: Readonly<Record<string, number>>;
}

interface Connection {
  readonly state: string;
  readonly confirmation?: { readonly kind: string; readonly because?: string };
  readonly reason?: {
    readonly code: string;
    readonly message: string;
    readonly evidence?: readonly { readonly source: string }[];
  };
}

interface Finding {
  readonly kind: string;
  readonly message: string;
}

export interface Verified {
  readonly exitCode: number;
  /** What `--metrics FILE` wrote. */
  readonly metrics: string;
  readonly rails: Readonly<Record<string, VerifiedRail>>;
}

export interface VerifiedRail {
  /** By the rule's text. */
  readonly rules: Readonly<Record<string, VerifiedRule>>;
  readonly denied: Tally;
  readonly duties: Readonly<Record<string, Tally>>;
  readonly findings: readonly Finding[];
}

export interface VerifiedRule {
  readonly state: string;
  readonly states: Readonly<Record<string, number>>;
  /** `code: words [evidence]`, with the number of connections that have it. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Whether the NIC's counters bear it out: `confirmed`, `open: too-early`, with the number of connections. */
  readonly confirmations: Readonly<Record<string, number>>;
}

export interface VerifyOptions {
  readonly rail?: string;
  readonly inventory?: string;
  /** A folder beside the result for all that was read: `railfence verify --dump` judges it again, outside. */
  readonly save?: string;
}

const metricsFile = "/tmp/railfence.prom";

export async function verify(options: VerifyOptions = {}): Promise<Verified> {
  const words = [
    ...["verify", policyFile, "--inventory", options.inventory ?? inventoryFile, "--node", node],
    ...(options.rail === undefined ? [] : ["--rail", options.rail]),
    ...(options.save === undefined ? [] : ["--save", `/run/box/saved/${options.save}`]),
    ...["--metrics", metricsFile],
  ];
  const { exitCode, stdout, stderr } = await railfence(...words, "--format", "json");
  if (stdout === "") throw new Error(`verify ended with ${exitCode}: ${stderr}`);
  const document: VerdictDocument = JSON.parse(stdout);
  const metrics = readFileSync(metricsFile, "utf8");
  return { exitCode, metrics, rails: Object.fromEntries(document.rails.map(shorten)) };
}

function shorten(rail: VerdictDocument["rails"][number]): [string, VerifiedRail] {
  const rules = rail.rules.map(({ rule, state, tally, connections }): [string, VerifiedRule] => [
    rule.text,
    {
      state,
      states: seen(tally),
      reasons: countOf(connections.map(reasonWords)),
      confirmations: countOf(connections.map(confirmationWords)),
    },
  ]);
  return [
    rail.rail,
    {
      rules: Object.fromEntries(rules),
      denied: rail.denied,
      duties: Object.fromEntries(rail.duties.map(({ duty, tally }) => [duty, tally])),
      findings: rail.findings,
    },
  ];
}

function seen({ states }: Tally): Record<string, number> {
  return Object.fromEntries(Object.entries(states).filter(([, count]) => count > 0));
}

function reasonWords({ reason }: Connection): string | undefined {
  if (reason === undefined) return undefined;
  const sources = (reason.evidence ?? []).map(({ source }) => source);
  return `${reason.code}: ${reason.message} [${sources.join(", ")}]`;
}

function confirmationWords({ confirmation }: Connection): string | undefined {
  if (confirmation === undefined) return undefined;
  const { kind, because } = confirmation;
  return because === undefined ? kind : `${kind}: ${because}`;
}

function countOf(words: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of words) if (each !== undefined) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}
