/** The schema that ships is that of the source. */

import { expect, test } from "vitest";
import { z } from "zod";
import { costSchema } from "../../src/report/cost-json.js";

test("schema/cost.schema.json is what the source says", async () => {
  const file = new URL("../../schema/cost.schema.json", import.meta.url).pathname;
  await expect(`${JSON.stringify(z.toJSONSchema(costSchema), undefined, 2)}\n`).toMatchFileSnapshot(
    file,
  );
});
