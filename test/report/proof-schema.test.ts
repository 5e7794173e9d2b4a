/** The schema that ships is that of the source. */

import { expect, test } from "vitest";
import { proofJsonSchema } from "../../src/report/proof-schema.js";

test("schema/proof.schema.json is what the source says", async () => {
  const file = new URL("../../schema/proof.schema.json", import.meta.url).pathname;
  const text = `${JSON.stringify(proofJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(file);
});
