/** `ethtool -k`, both forms. */

import { expect, test } from "vitest";
import { printHwTcOffload, readHwTcOffload } from "../../../src/verify/evidence/port-features.js";

test.each([
  [
    "Features for rep1:\nrx-vlan-filter: on [fixed]\nhw-tc-offload: on\nesp-hw-offload: off [fixed]\n",
    "hw-tc-offload: on",
  ],
  ["hw-tc-offload: off [fixed]\n", "hw-tc-offload: off [fixed]"],
  ["hw-tc-offload: off\n", "hw-tc-offload: off"],
  [
    '[ {"ifname": "rep1", "hw-tc-offload": {"active": true, "fixed": false, "requested": true}} ]',
    "hw-tc-offload: on",
  ],
  [
    '[ {"ifname": "v3", "hw-tc-offload": {"active": false, "fixed": true, "requested": false}} ]',
    "hw-tc-offload: off [fixed]",
  ],
  ['[ {"ifname": "x", "hw-tc-offload": {"active": false, "fixed": null}} ]', "hw-tc-offload: off"],
])("%j", (text, words) => {
  const feature = readHwTcOffload(text);
  expect(feature === undefined ? undefined : printHwTcOffload(feature)).toBe(words);
});

test.each(["", "no stats available", "[", "[]", "{}", "rx-hw-tc-offload: on"])(
  "%j says nothing",
  (text) => {
    expect(readHwTcOffload(text)).toBeUndefined();
  },
);
