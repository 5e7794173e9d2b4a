/** Fail closed: whatever cannot be read, a node that is not able to offload is never called able. */

import { describe, expect, test } from "vitest";
import { diagnosisOf } from "../../../src/verify/doctor/diagnose.js";
import { Random } from "../../support/random.js";
import {
  findingsOf,
  HidingSource,
  recordedNodes,
  recordingText,
  sourceOf,
} from "../../support/recorded-node.js";

const seed = 20_261_123;

describe(`with parts hidden (seed ${seed})`, () => {
  test.each(recordedNodes)("%s", async (name) => {
    const source = sourceOf(recordingText(name));
    const all = new HidingSource(source, () => false);
    const truth = diagnosisOf(await findingsOf(all, name));
    const random = new Random(seed);
    const asked = [...all.asked];
    // one thing of each kind, then many
    const hidings = [
      ...[...new Map(random.shuffled(asked).map((one) => [kindOf(one), one])).values()].map(
        (one) => new Set([one]),
      ),
      ...Array.from({ length: 10 }, () => {
        const probability = random.next();
        return new Set(asked.filter(() => random.chance(probability)));
      }),
    ];
    for (const hidden of hidings) {
      const findings = await findingsOf(new HidingSource(source, (what) => hidden.has(what)), name);
      const seen = diagnosisOf(findings);
      const what = [...hidden].slice(0, 5).join(", ");
      if (truth !== "able") expect(seen, `without ${what}`).not.toBe("able");
      // and nothing that is missing is taken for something that is wrong
      if (truth === "able") expect(seen, `without ${what}`).not.toBe("unable");
    }
  });
});

/** The same question about another port, device or bridge. */
function kindOf(what: string): string {
  return what
    .replace(/(?<=\/(?:net|devices|infiniband)\/)[^/]+/, "*")
    .replace(/(?<=^(?:ethtool -k|tc .* dev|ovs-ofctl .*-flows|devlink .*) )\S+/, "*")
    .replace(/\d+/g, "#");
}
