/** Text handed to a program as a file without a name: complete, or not there at all. */

import { randomUUID } from "node:crypto";
import { createReadStream, type ReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The file is gone when `use` ends; it stands open at its beginning. */
export async function withInputFile<T>(
  text: string,
  use: (file: ReadStream) => Promise<T>,
): Promise<T> {
  const path = join(tmpdir(), `railfence-${randomUUID()}.flows`);
  const writer = await open(path, "wx", 0o600);
  try {
    await writer.writeFile(text);
    const reader = await open(path, "r");
    try {
      await rm(path);
      // "" : the descriptor is what counts, the name is gone
      return await use(createReadStream("", { fd: reader.fd, autoClose: false }));
    } finally {
      await reader.close();
    }
  } finally {
    await writer.close();
    await rm(path, { force: true });
  }
}
