/** The schema that ships is that of the source. */

import { expect, test } from "vitest";
import { doctorJsonSchema } from "../../src/report/doctor-json.js";

test("schema/doctor.schema.json is what the source says", async () => {
  const file = new URL("../../schema/doctor.schema.json", import.meta.url).pathname;
  const text = `${JSON.stringify(doctorJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(file);
});
