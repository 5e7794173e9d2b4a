/** How far two PCI devices are from each other. */

import { expect, test } from "vitest";
import type { PciDevice } from "../../../src/verify/doctor/hardware-facts.js";
import { bridgesBetween, distanceOf, rankOf } from "../../../src/verify/doctor/pci-distance.js";

function device(path: string, numaNode?: number): PciDevice {
  const parts = path.split("/");
  return {
    ...{ address: parts.at(-1) ?? "", kind: "nic", vendor: 0, device: 0, path: parts },
    ...(numaNode === undefined ? {} : { numaNode }),
    ...{ iommu: { state: "absent" }, acs: { state: "absent" } },
  };
}

const nic = device("pci0000:15/15:01.0/16:00.0/17:00.0/18:00.0", 0);
const gpuBeside = device("pci0000:15/15:01.0/16:00.0/17:01.0/19:00.0", 0);
const gpuDeeper = device("pci0000:15/15:01.0/16:00.0/17:02.0/1a:00.0/1b:00.0/1c:00.0", 0);
const gpuOnRoot = device("pci0000:15/15:03.0/1d:00.0", 0);
const gpuSameNode = device("pci0000:30/30:01.0/31:00.0", 0);
const gpuFar = device("pci0000:97/97:01.0/98:00.0", 1);
const gpuNowhere = device("pci0000:99/99:01.0/9a:00.0");

test("the nearest bridge above both decides", () => {
  expect(distanceOf(nic, gpuBeside)).toEqual({ kind: "same-switch", bridge: "16:00.0" });
  expect(distanceOf(nic, gpuDeeper)).toEqual({ kind: "same-switch", bridge: "16:00.0" });
  expect(distanceOf(nic, gpuOnRoot)).toEqual({ kind: "same-root-complex" });
  expect(distanceOf(nic, gpuSameNode)).toEqual({ kind: "same-numa-node", numaNode: 0 });
  expect(distanceOf(nic, gpuFar)).toEqual({ kind: "other-socket", numaNodes: [0, 1] });
  expect(distanceOf(nic, gpuNowhere)).toEqual({ kind: "not-known" });
});

test("in a virtual machine, where all stand on one bus, no switch is claimed", () => {
  const [one, other] = [device("pci0000:00/00:04.0"), device("pci0000:00/00:05.0")];
  expect(distanceOf(one, other)).toEqual({ kind: "same-root-complex" });
});

test("nearer ranks lower, and it does not matter who asks", () => {
  const all = [gpuBeside, gpuDeeper, gpuOnRoot, gpuSameNode, gpuNowhere, gpuFar];
  const ranks = all.map((gpu) => rankOf(nic, gpu));
  expect(ranks).toEqual(ranks.toSorted((one, two) => one - two));
  for (const gpu of all) expect(rankOf(gpu, nic)).toBe(rankOf(nic, gpu));
});

test("the bridges between are those below the common one", () => {
  expect(bridgesBetween(nic, gpuBeside)).toEqual(["17:00.0", "17:01.0"]);
  expect(bridgesBetween(nic, gpuDeeper)).toEqual(["17:00.0", "17:02.0", "1a:00.0", "1b:00.0"]);
});
