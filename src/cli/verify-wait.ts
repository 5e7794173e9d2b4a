/** `verify --wait`: returns as soon as what was named is in hardware, as a CNI CHECK needs it. */

import { describeMissing } from "../report/change-words.js";
import type { WaitDocument } from "../report/watch-schema.js";
import type { OpenVswitch } from "../switch/open-vswitch.js";
import { closestName } from "../text/edit-distance.js";
import {
  type AwaitedConnection,
  type AwaitedProblem,
  readAwaited,
} from "../verify/awaited/awaited.js";
import { type Missing, missingOf } from "../verify/awaited/in-hardware.js";
import { type ExitCode, exitCode } from "./exit-code.js";
import { badArgument } from "./failure.js";
import type { NodeInput } from "./node-input.js";
import { printSwitchWarning } from "./print-switch-warning.js";
import type { Terminal } from "./terminal.js";
import { verifyRepeatedly } from "./verify-repeatedly.js";

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly format: "pretty" | "json";
}

/** @throws {Failure} for a name that means nothing, or a connection that the policy does not allow */
export function awaitedIn(names: readonly string[], input: NodeInput): AwaitedConnection[] {
  const { policy, inventory, rails } = input;
  const railNames = rails.map(({ rail }) => rail);
  return names.flatMap((name) => {
    const reading = readAwaited(name, policy, inventory, railNames);
    if ("connections" in reading) return reading.connections;
    throw inWords(name, reading.problem, input);
  });
}

export async function wait(
  ovs: OpenVswitch,
  input: NodeInput,
  awaited: readonly AwaitedConnection[],
  { timeoutMs, intervalMs, format }: WaitOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const begun = performance.now();
  let missing: readonly Missing[] = [];
  await verifyRepeatedly(ovs, input, terminal, {
    intervalMs,
    timeoutMs,
    onRound: async ({ verdicts, newWarnings }) => {
      for (const warning of newWarnings) terminal.err(printSwitchWarning(warning));
      missing = missingOf(verdicts, awaited);
      return missing.length === 0;
    },
  });
  const seconds = (performance.now() - begun) / 1000;
  const words = missing.map(describeMissing);
  const isDone = missing.length === 0;
  const document: WaitDocument = { version: 1, inHardware: isDone, seconds, missing: words };
  terminal.out(
    format === "json"
      ? `${JSON.stringify(document, undefined, 2)}\n`
      : isDone
        ? `in hardware after ${seconds.toFixed(1)} s\n`
        : `not in hardware after ${seconds.toFixed(1)} s:\n${words.map((one) => `  ${one}\n`).join("")}`,
  );
  return isDone ? exitCode.asIntended : exitCode.differs;
}

function inWords(name: string, problem: AwaitedProblem, { policy, inventory, rails }: NodeInput) {
  switch (problem.kind) {
    case "shape":
      return badArgument(
        `\`${name}\` is no connection`,
        "write `SOURCE->DESTINATION:SERVICE`: addresses or `namespace/pod`, and a service or `4791/udp`",
      );
    case "unknown-service": {
      const meant = closestName(problem.text, [...policy.services.keys()]);
      return badArgument(
        `\`${problem.text}\` is no service of the policy`,
        meant === undefined ? "write `PORT/udp` or `PORT/tcp`" : `did you mean \`${meant}\`?`,
      );
    }
    case "unknown-side": {
      const pods = inventory.endpoints.map(({ namespace, pod }) => `${namespace}/${pod}`);
      const meant = closestName(problem.text, [...new Set(pods)]);
      return badArgument(
        `\`${problem.text}\` is no address, and no pod of the inventory on ${rails.map(({ rail }) => `\`${rail}\``).join(", ")}`,
        meant === undefined ? "write an address or `namespace/pod`" : `did you mean \`${meant}\`?`,
      );
    }
    case "not-allowed":
      return badArgument(
        `the policy does not allow \`${name}\``,
        "it will never be in hardware: name one that a rule allows",
      );
  }
}
