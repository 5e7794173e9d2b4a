/** The schema that ships is that of the source. */

import { expect, test } from "vitest";
import { verdictJsonSchema } from "../../src/report/verdict-schema.js";

test("schema/verdict.schema.json is what the source says", async () => {
  const file = new URL("../../schema/verdict.schema.json", import.meta.url).pathname;
  const text = `${JSON.stringify(verdictJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(file);
});
