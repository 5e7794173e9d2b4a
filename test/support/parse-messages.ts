/** Open vSwitch's own reading of OpenFlow messages in bytes. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What `ovs-ofctl ofp-parse` prints of messages as they come over a connection; throws where it complains. */
export function parseMessages(messages: readonly Uint8Array[]): string {
  const folder = mkdtempSync(join(tmpdir(), "railfence-"));
  try {
    const file = join(folder, "messages");
    writeFileSync(file, Buffer.concat(messages));
    const { stdout, stderr, error } = spawnSync(
      "ovs-ofctl",
      ["-O", "OpenFlow14", "ofp-parse", file],
      { encoding: "utf8", maxBuffer: 1 << 29 },
    );
    if (error !== undefined) throw error;
    if (stderr !== "") throw new Error(stderr);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
