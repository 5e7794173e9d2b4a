/** Has the kernel what tc needs? */

import type { DoctorFinding } from "./doctor-finding.js";
import { type Fact, valueIn } from "./fact.js";
import { neededModules, otherModules, recirculationOption } from "./kernel-needs.js";
import type { KernelFacts, NodeFacts } from "./node-facts.js";
import { unknownOf } from "./unknown.js";

export function checkKernel({ kernel }: NodeFacts): DoctorFinding[] {
  return [...moduleFindings(kernel), ...optionFindings(kernel)];
}

/** A module is there if it is loaded, built in, or on disk to be loaded when tc first asks for it. */
function moduleFindings(kernel: KernelFacts): DoctorFinding[] {
  const { loadedModules, availableModules } = kernel;
  const loaded = valueIn(loadedModules) ?? new Set<string>();
  const available = valueIn(availableModules);
  const notThere = (names: readonly string[]) =>
    names.filter((name) => !loaded.has(name) && available?.has(name) !== true);
  const needed = notThere(neededModules);
  const others = notThere(otherModules);
  if (available === undefined && needed.length + others.length > 0)
    return unknownOf(availableModules, "kernel", "modules", atWorst(needed)).map((one) => ({
      ...one,
      of: [...needed, ...others],
    }));
  return [
    ...(needed.length > 0 ? [{ code: "modules-missing", modules: needed } as const] : []),
    ...(others.length > 0 ? [{ code: "other-modules-missing", modules: others } as const] : []),
    ...(needed.length + others.length === 0 ? [{ code: "modules" } as const] : []),
  ];
}

function atWorst(needed: readonly string[]): "problem" | "warning" {
  return needed.length > 0 ? "problem" : "warning";
}

function optionFindings({ config, release }: KernelFacts): DoctorFinding[] {
  const option: Fact<string | undefined> =
    config.state === "present"
      ? { state: "present", value: config.value.get(recirculationOption) }
      : config;
  if (option.state !== "present") return unknownOf(option, "kernel", "kernel-options", "warning");
  return option.value === "y"
    ? [{ code: "tc-skb-ext" }]
    : [{ code: "no-tc-skb-ext", release: valueIn(release) ?? "" }];
}
