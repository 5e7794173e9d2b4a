/** `railfence prove`: whether the tables of a switch are the policy, for every packet there can be. */

import type { Command } from "commander";
import type { ReadFlow } from "../openflow/flow-line.js";
import type { PortNumbers } from "../openflow/print.js";
import { readFlows } from "../openflow/read.js";
import { printProofJson } from "../report/proof-json.js";
import { printProofs } from "../report/proof-text.js";
import type { OpenVswitch } from "../switch/open-vswitch.js";
import { positionOf, type Source } from "../text/source.js";
import { DiagramLimitError } from "../verify/proof/diagram.js";
import type { RailProof } from "../verify/proof/finding.js";
import { proveRail } from "../verify/proof/prove-rail.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { badArgument, Failure } from "./failure.js";
import { readSourceOrInput } from "./files.js";
import { acceptedInput } from "./input.js";
import { openVswitchOf, railsOf } from "./node-input.js";
import {
  type NodeOptions,
  type SwitchOptions,
  takesFormat,
  takesNode,
  takesPolicy,
  takesSwitch,
} from "./options.js";
import { startProgress } from "./progress.js";
import { namesNumberedPort, sectionOf } from "./saved-flows.js";
import type { Terminal } from "./terminal.js";

const example = `
Example:
  $ railfence prove policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ ovs-ofctl -O OpenFlow14 --names dump-flows br-pf1 > pf1.txt
  $ railfence prove policies/acp --inventory policies/acp/inventory.json --node gpu-001 --rail pf1 --flows pf1.txt

Every flow of the bridge is evaluated over sets of packets, those of others too; nothing is sampled. Where the
tables differ from the policy, one packet is shown for each way in which they do: give it to
\`ovs-appctl ofproto/trace BRIDGE PACKET\`. What cannot be interpreted (NORMAL, ct, groups, unknown fields) makes
the answer "unknown", never "equal". Everything is read, nothing is changed.
Flows that Open vSwitch hides from ovs-ofctl (in-band control, fail-open) are read from its control socket.
Exit code 0: equal. 3: different, or unknown.`;

interface Options extends NodeOptions, SwitchOptions {
  readonly flows?: string;
  readonly format: "pretty" | "json";
}

export function describeProve(
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
): void {
  command.description(
    "Proves that the tables of a node's bridges do exactly what the policy says.",
  );
  takesFormat(takesSwitch(takesNode(takesPolicy(command))), ["pretty", "json"])
    .option(
      "--flows <file>",
      "a saved `ovs-ofctl --names dump-flows`, or what `railfence compile` printed,\ninstead of a switch; `-` is stdin",
    )
    .addHelpText("after", example)
    .action(async (paths: string[], options: Options) =>
      end(await prove(paths, options, terminal)),
    );
}

interface Tables {
  readonly flows: readonly ReadFlow[];
  readonly portNumbers?: PortNumbers;
}

async function prove(paths: string[], options: Options, terminal: Terminal): Promise<ExitCode> {
  if (options.flows !== undefined && (options.ovs ?? options.bridgeTarget) !== undefined)
    throw badArgument("`--flows` reads a file, `--ovs` and `--bridge-target` a switch", "give one");
  const { policy, inventory } = await acceptedInput(paths, options, terminal);
  const { node } = options;
  const rails = railsOf(inventory, options);
  const saved =
    options.flows === undefined ? undefined : await readSaved(options.flows, rails, terminal);
  const ovs = saved === undefined ? openVswitchOf(options, rails, terminal) : undefined;
  const progress = startProgress(terminal);
  const proofs: RailProof[] = [];
  const withHidden = new Set<string>();
  try {
    for (const rail of rails) {
      const bridge = inventory.nodes.get(node)?.rails.get(rail)?.bridge ?? "";
      let tables = saved;
      if (ovs !== undefined) {
        progress.step(`reading bridge ${bridge}`);
        const read = await readBridge(ovs, bridge, terminal);
        if (read.hasHidden) withHidden.add(bridge);
        tables = read;
      }
      progress.step(`proving rail ${rail}`);
      const { flows, portNumbers } = tables as Tables;
      const known = portNumbers === undefined ? {} : { portNumbers };
      proofs.push(proveRail({ policy, inventory, node, rail, flows, ...known }));
    }
  } catch (error) {
    if (!(error instanceof DiagramLimitError)) throw error;
    throw new Failure("the tables are too entangled to be proved in memory", {
      exitCode: exitCode.couldNot,
      help: "nothing is known of them: prove one rail at a time with `--rail`, and look for flows that `resubmit` packets in circles",
      cause: error,
    });
  } finally {
    progress.end();
  }
  terminal.out(
    options.format === "json" ? printProofJson(proofs, withHidden) : printProofs(proofs),
  );
  return proofs.every(({ verdict }) => verdict === "equal")
    ? exitCode.asIntended
    : exitCode.differs;
}

/** What the bridge does, and not only what `ovs-ofctl dump-flows` shows of it. */
async function readBridge(
  ovs: OpenVswitch,
  bridge: string,
  terminal: Terminal,
): Promise<Tables & { readonly hasHidden: boolean }> {
  const [text, portNumbers, hidden, fragments] = await Promise.all([
    ovs.dumpFlows(bridge),
    ovs.portNumbers(bridge),
    ovs.dumpHiddenFlows(bridge),
    ovs.fragmentMode(bridge),
  ]);
  if (fragments !== "normal")
    throw new Failure(
      `bridge \`${bridge}\` treats IP fragments otherwise than by default: \`ovs-ofctl get-frags\` says \`${fragments}\``,
      {
        exitCode: exitCode.couldNot,
        help: `nothing is proved of it; \`ovs-ofctl set-frags ${bridge} normal\` is what railfence's flows are written for`,
      },
    );
  const shown = readAll({ name: `ovs-ofctl dump-flows ${bridge}`, text });
  if (hidden === undefined) {
    terminal.err(
      `warning: what Open vSwitch hides of bridge \`${bridge}\` was not read, and is not proved\n` +
        "why: flows of in-band control and fail-open forward past the fence, and OpenFlow does not show them\n" +
        "help: run it on the node, with `--ovs`; a bridge without a controller (`ovs-vsctl get-controller`) has none\n",
    );
    return { flows: shown, portNumbers, hasHidden: false };
  }
  const name = `ovs-appctl bridge/dump-flows ${bridge}`;
  const more = readAll({ name, text: hidden.join("\n") });
  const flows = more.length === 0 ? shown : [...shown, ...more];
  return { flows, portNumbers, hasHidden: true };
}

async function readSaved(
  path: string,
  rails: readonly string[],
  terminal: Terminal,
): Promise<Tables> {
  const [rail, ...others] = rails;
  if (rail === undefined || others.length > 0)
    throw badArgument(
      `\`${path}\` holds the flows of one bridge, and the node has rails ${rails.map((one) => `\`${one}\``).join(", ")}`,
      "name one with `--rail`",
    );
  const source = sectionOf(await readSourceOrInput(path, terminal), rail);
  const flows = readAll(source);
  if (flows.length === 0)
    throw badArgument(
      `\`${path}\` holds no flow of rail \`${rail}\``,
      "give what `ovs-ofctl --names dump-flows` or `railfence compile` printed",
    );
  const numbered = flows.find(namesNumberedPort);
  if (numbered !== undefined)
    throw badArgument(
      `\`${path}\` names ports by number, and only the switch knows whose they are: ${numbered.text.slice(0, 120)}`,
      "save it with `ovs-ofctl --names dump-flows`, or let railfence ask the switch",
    );
  return { flows };
}

/** A line that cannot be read may let anything pass: then nothing can be proved. */
function readAll(source: Source): readonly ReadFlow[] {
  const { flows, problems } = readFlows(source);
  const [problem] = problems;
  if (problem === undefined) return flows;
  const { line } = positionOf(source, problem.span.start);
  const text = source.text.slice(problem.span.start, problem.span.end).slice(0, 80);
  throw badArgument(
    `${source.name}:${line} holds no flow that can be read: \`${text}\``,
    problem.kind === "cut-short" ? "the dump was cut off: take it again" : "take the line out",
  );
}
