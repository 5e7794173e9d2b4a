/** Open vSwitch's own reading of flows, printed back: what differs from the input, it has understood otherwise. */

import { spawnSync } from "node:child_process";

/** Each line's flow as `printFlow` writes it; throws where Open vSwitch says anything on stderr. */
export function parseFlows(text: string): string {
  const { stdout, stderr, error } = spawnSync(
    "ovs-ofctl",
    ["-O", "OpenFlow14", "parse-flows", "-"],
    { input: text, encoding: "utf8", maxBuffer: 1 << 29 },
  );
  if (error !== undefined) throw error;
  if (stderr !== "") throw new Error(stderr);
  // two lines of headers come first
  return asParsedFlows(stdout.replace(/^usable protocols: .*\nchosen protocol: .*\n/, ""));
}

/** Open vSwitch's text of flow messages, each as `printFlow` writes the flow. */
export function asParsedFlows(messages: string): string {
  return messages.replace(message, ownForm);
}

/** Table and cookie stand in other places in a message than in the input, and table 0 is left out. */
const message =
  /^OFPT_FLOW_MOD \(OF1\.4\) \(xid=0x[0-9a-f]+\): ADD (?:table:(\d+) )?(\S+?)? ?(?:cookie:(0x[0-9a-f]+) )?actions=(.*)$/gm;

function ownForm(
  _: string,
  table: string | undefined,
  match: string | undefined,
  cookie: string | undefined,
  actions: string,
): string {
  const head = match === undefined ? "" : `, ${match}`;
  const first = cookie === undefined ? "" : `cookie=${cookie}, `;
  return `${first}table=${table ?? 0}${head} actions=${actions}`;
}
