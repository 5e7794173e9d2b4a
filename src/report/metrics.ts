/** Verdicts in the text format of Prometheus, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */

import { printPlace } from "../text/source.js";
import { isAsIntended } from "../verify/exit-decision.js";
import { type RailVerdict, statesFromBest } from "../verify/verdict.js";

export interface Readings {
  /** When the switch was read last with success; seconds since 1970. */
  readonly readAtSeconds: number;
  /** Readings that failed since the start. */
  readonly failures: number;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The media type of this text. */
export const metricsType = "text/plain; version=0.0.4; charset=utf-8";

export function printMetrics(verdicts: readonly RailVerdict[], readings: Readings): string {
  const rails = (measure: (verdict: RailVerdict) => number): Sample[] =>
    verdicts.map((verdict) => ({ labels: labelsOf(verdict), value: measure(verdict) }));
  return [
    ...metric(
      "railfence_rule_connections",
      "Megaflows that carry a rule's connections, by where they do their work.",
      verdicts.flatMap(connectionSamples),
    ),
    ...metric(
      "railfence_rule_confirmed_connections",
      "Offloaded megaflows of a rule of which the NIC itself has counted packets.",
      verdicts.flatMap((verdict) =>
        verdict.rules.map(({ rule, tally }) => ({
          labels: { ...labelsOf(verdict), rule: rule.text, place: printPlace(rule.span) },
          value: tally.confirmed,
        })),
      ),
    ),
    ...metric("railfence_denied_megaflows", "Megaflows that drop what no rule allows.", [
      ...verdicts.flatMap((verdict) =>
        statesFromBest.map((state) => ({
          labels: { ...labelsOf(verdict), state },
          value: verdict.denied.states[state],
        })),
      ),
    ]),
    ...metric(
      "railfence_megaflows",
      "Megaflows of packets that came in at a port of the rail's bridge.",
      rails(({ use }) => use.megaflows),
    ),
    ...metric(
      "railfence_masks",
      "Masks of those megaflows.",
      rails(({ use }) => use.masks),
    ),
    ...metric(
      "railfence_nic_table_megaflows",
      "Megaflows of the rail in the NIC's table.",
      rails(({ use }) => use.inHardware),
    ),
    ...metric(
      "railfence_findings",
      "What should not be, by kind.",
      verdicts.flatMap(findingSamples),
    ),
    ...metric(
      "railfence_as_intended",
      "1 where the switch does what the policy says and all that was seen is in hardware.",
      rails((verdict) => (isAsIntended(verdict) ? 1 : 0)),
    ),
    ...metric("railfence_last_read_timestamp_seconds", "When the switch was read last.", [
      { labels: {}, value: readings.readAtSeconds },
    ]),
    ...metric(
      "railfence_read_failures_total",
      "Readings of the switch that failed since railfence started.",
      [{ labels: {}, value: readings.failures }],
      "counter",
    ),
    "",
  ].join("\n");
}

function connectionSamples(verdict: RailVerdict): Sample[] {
  return verdict.rules.flatMap(({ rule, tally }) =>
    statesFromBest.map((state) => ({
      labels: { ...labelsOf(verdict), rule: rule.text, place: printPlace(rule.span), state },
      value: tally.states[state],
    })),
  );
}

/** A kind that is not found has no sample: alert on its presence. */
function findingSamples(verdict: RailVerdict): Sample[] {
  const counts = new Map<string, number>();
  for (const { kind } of verdict.findings) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, value]) => ({ labels: { ...labelsOf(verdict), kind }, value }));
}

function labelsOf({ node, rail }: RailVerdict): Record<string, string> {
  return { node, rail };
}

function metric(
  name: string,
  help: string,
  samples: readonly Sample[],
  type: "gauge" | "counter" = "gauge",
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ labels, value }) => `${name}${printLabels(labels)} ${value}`),
  ];
}

function printLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join()}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
