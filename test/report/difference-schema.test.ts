/** The schema of the difference that ships is the one of the source. */

import { expect, test } from "vitest";
import { differenceJsonSchema } from "../../src/report/difference-json.js";

test("schema/difference.schema.json is what the source says", async () => {
  const text = `${JSON.stringify(differenceJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../schema/difference.schema.json");
});
