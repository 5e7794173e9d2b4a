/** Rows of the switch's database, and none where it cannot be asked. */

import { beforeAll, expect, test } from "vitest";
import { selectRows } from "../../src/switch/database.js";
import type { PrivateSwitch } from "../../src/switch/private-switch.js";
import { describeWithOpenVswitch, testSwitch } from "../support/private-switch.js";

describeWithOpenVswitch("the database", () => {
  let own: PrivateSwitch;
  beforeAll(async () => {
    own = await testSwitch({
      bridges: ["br-pf1", "br-pf2"].map((name) => ({ name, ports: [] })),
    });
  });
  const select = (table: string, columns: readonly string[], bridge?: string) =>
    selectRows(
      own.runDirectory,
      table,
      columns,
      bridge === undefined ? [] : [["name", "==", bridge]],
    );

  test("answers with the columns that were asked for", async () => {
    await own.vsctl("clear", "bridge", "br-pf2", "fail_mode");
    const columns = ["name", "fail_mode"];
    expect(await select("Bridge", columns, "br-pf1")).toEqual([
      { name: "br-pf1", fail_mode: "secure" },
    ]);
    expect(await select("Bridge", columns, "br-pf2")).toEqual([
      { name: "br-pf2", fail_mode: ["set", []] },
    ]);
    expect(await select("Bridge", columns)).toHaveLength(2);
    expect(await select("Bridge", columns, "br-pf3")).toEqual([]);
  });

  test("says nothing of a column or a table that it does not have", async () => {
    expect(await select("Bridge", ["colour"])).toBeUndefined();
    expect(await select("Bridges", ["name"])).toBeUndefined();
  });
});

test("says nothing where no database listens", async () => {
  expect(await selectRows("/nowhere", "Bridge", ["name"], [])).toBeUndefined();
});
