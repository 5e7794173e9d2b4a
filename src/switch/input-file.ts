/** Text handed to a program as a file without a name: complete, or not there at all. */

import { randomUUID } from "node:crypto";
import {
  closeSync,
  createReadStream,
  openSync,
  type ReadStream,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The file has no name any more when `use` begins, and is gone when it ends. */
export async function withInputFile<T>(
  text: string,
  use: (file: ReadStream) => Promise<T>,
): Promise<T> {
  const descriptor = openNameless(text);
  try {
    // "": the descriptor is what counts
    return await use(createReadStream("", { fd: descriptor, autoClose: false }));
  } finally {
    closeSync(descriptor);
  }
}

// At once and not in turns with others: a process that is killed has no time to leave the file behind.
function openNameless(text: string): number {
  const path = join(tmpdir(), `railfence-${randomUUID()}.flows`);
  writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  try {
    return openSync(path, "r");
  } finally {
    rmSync(path);
  }
}
