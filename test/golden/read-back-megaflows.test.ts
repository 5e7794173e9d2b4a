/** Each folder of read-back with a `dump.datapath`: what our reader makes of the text of a datapath. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DatapathAction, DatapathField } from "../../src/datapath/megaflow.js";
import { printMegaflow } from "../../src/datapath/print-megaflow.js";
import { readMegaflows } from "../../src/datapath/read-megaflows.js";
import { positionOf, type Source } from "../../src/text/source.js";

const folder = new URL("read-back", import.meta.url).pathname;
const cases = readdirSync(folder).filter((name) => existsSync(join(folder, name, "dump.datapath")));

function expectedOf(source: Source) {
  const { megaflows, problems } = readMegaflows(source);
  const lineOf = (start: number) => positionOf(source, start).line;
  return {
    megaflows: megaflows.map((megaflow) => ({
      line: lineOf(megaflow.place.start),
      ufid: megaflow.ufid,
      recircId: megaflow.match.recircId,
      inPort: megaflow.match.inPort,
      match: megaflow.match.fields.filter(({ mask }) => mask !== 0n).map(fieldText),
      packets: megaflow.packets,
      bytes: megaflow.bytes,
      usedSeconds: megaflow.usedSeconds,
      flags: megaflow.flags,
      offloaded: megaflow.offloaded,
      layer: megaflow.layer,
      extraInfo: megaflow.extraInfo,
      actions: megaflow.actions.map(actionText),
      notUnderstood: megaflow.notUnderstood.map(({ part, text }) => `${part} ${text}`),
    })),
    problems: problems.map(({ kind, start }) => ({ kind, line: lineOf(start) })),
  };
}

function fieldText({ name, value, mask }: DatapathField): string {
  return `${name} 0x${value.toString(16)}/0x${mask.toString(16)}`;
}

function actionText(action: DatapathAction): string {
  if (action.kind === "output") return `output ${action.port}`;
  if (action.kind === "set") return `set ${action.fields.map(fieldText).join(" ")}`;
  return action.kind;
}

test.each(cases)("reads back: %s", async (name) => {
  const text = readFileSync(join(folder, name, "dump.datapath"), "utf8");
  const json = JSON.stringify(expectedOf({ name, text }), undefined, 2);
  await expect(`${json}\n`).toMatchFileSnapshot(join(folder, name, "expected.json"));
});

test.each(cases)("prints %s again, and reads the same", (name) => {
  const text = readFileSync(join(folder, name, "dump.datapath"), "utf8");
  for (const megaflow of readMegaflows({ name, text }).megaflows) {
    const printed = printMegaflow(megaflow);
    const again = readMegaflows({ name, text: printed }).megaflows;
    expect(again.map(printMegaflow)).toEqual([printed]);
  }
});

test("there are cases", () => {
  expect(cases.length).toBeGreaterThan(0);
});
