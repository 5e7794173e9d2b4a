/** Flows in a file: one bridge's dump, or what `railfence compile` prints for all rails of a node. */

import { outputsIn } from "../openflow/action.js";
import type { Flow } from "../openflow/flow.js";
import { inPort, localPort, type Port } from "../openflow/match.js";
import type { Source } from "../text/source.js";

const heading = /^# node \S+, rail (\S+) /;

/** The lines of that rail, all others empty so that places stay; the whole where no rail is named. */
export function sectionOf(source: Source, rail: string): Source {
  const lines = source.text.split("\n");
  if (!lines.some((line) => heading.test(line))) return source;
  // before the first heading, too: a flow that is passed over could let anything through
  let isInside = true;
  const kept = lines.map((line) => {
    const found = heading.exec(line);
    if (found !== null) isInside = found[1] === rail;
    return isInside ? line : "";
  });
  return { name: source.name, text: kept.join("\n") };
}

/** Whether it says a port that only the switch can name. */
export function namesNumberedPort({ match, actions }: Flow): boolean {
  const isNumber = (port: Port | undefined) =>
    typeof port === "number" && port !== localPort && port !== inPort;
  return (
    isNumber(match.inPort) ||
    actions.some(
      (action) =>
        outputsIn(action).some(isNumber) || (action.kind === "resubmit" && isNumber(action.port)),
    )
  );
}
