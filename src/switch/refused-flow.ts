/** From Open vSwitch's refusal of a bundle back to the flow, the rule and its line in the policy. */

import type { CompiledRail, Provenance } from "../compile/compiled-rail.js";
import { printPlace } from "../text/source.js";
import { SwitchError } from "./errors.js";
import { FlowMap } from "./flow-map.js";
import { type FlowText, printFlowText, withoutDefaultPriority } from "./flow-text.js";
import type { Bundle } from "./open-vswitch.js";

/**
 * Two forms (seen with Open vSwitch 3.1): before sending, `ovs-ofctl: -:2: unknown action foo`, the line of the input; at
 * the commit, `Error OFPBAC_BAD_OUT_GROUP for: OFPT_FLOW_MOD (OF1.4) (xid=0x7): ADD table:3 priority=12,ip actions=…`.
 */
export function explainRefusal(
  error: SwitchError,
  bundle: Bundle,
  rail?: CompiledRail,
): SwitchError {
  const refusal = atCommit(error.stderr ?? "", bundle) ?? beforeSending(error.stderr ?? "", bundle);
  if (refusal === undefined) return error;
  const { line, reason } = refusal;
  const because = line === undefined ? undefined : rail?.provenance.get(BigInt(line.cookie));
  const whose = because === undefined ? "" : ` ${sayWhose(because)}`;
  return new SwitchError({
    kind: "flow-refused",
    message: `Open vSwitch refused a flow${whose}: ${reason}`,
    help: "nothing was changed; see `flow` for its text, and ovs-vswitchd.log for more",
    bridge: error.bridge,
    command: error.command,
    exitCode: error.exitCode,
    stderr: error.stderr,
    flow: line === undefined ? undefined : printFlowText(line),
    cause: error,
  });
}

interface Refusal {
  readonly line: FlowText | undefined;
  readonly reason: string;
}

function atCommit(stderr: string, bundle: Bundle): Refusal | undefined {
  const found =
    /^Error (OFP\w+) for: OFPT_FLOW_MOD \([^)]*\) \([^)]*\): \w+ (?:table:(\d+) )?(.*?) ?(?:cookie:(0x[0-9a-f]+)\S* .*)?actions=/m.exec(
      stderr,
    );
  if (found === null) return undefined;
  const match = withoutDefaultPriority((found[3] ?? "").trim());
  const lines = FlowMap.of([...bundle.adds, ...bundle.deletes]);
  return { line: lines.get({ table: Number(found[2] ?? 0), match }), reason: found[1] ?? "" };
}

function beforeSending(stderr: string, bundle: Bundle): Refusal | undefined {
  const found = /^ovs-ofctl: -:(\d+): (.*)$/m.exec(stderr);
  if (found === null) return undefined;
  // the bundle's lines, deletes first
  const at = Number(found[1]) - 1;
  const line = bundle.deletes[at] ?? bundle.adds[at - bundle.deletes.length];
  return { line, reason: found[2] ?? "" };
}

function sayWhose(because: Provenance): string {
  if (because.kind === "fence") return `of the fence itself (${because.duty})`;
  return because.rules
    .map((rule) => `of rule \`${rule.text}\` at ${printPlace(rule.span)}`)
    .join(" and ");
}
