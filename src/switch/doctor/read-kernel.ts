/** The kernel: its configuration, and the modules that tc needs. */

import { type Fact, mapFact, present, unreadable, valueIn } from "../../verify/doctor/fact.js";
import { wantedModules, wantedOptions } from "../../verify/doctor/kernel-needs.js";
import type { KernelFacts } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";

export async function readKernel(source: NodeSource): Promise<KernelFacts> {
  const release = await source.text("/proc/sys/kernel/osrelease");
  return {
    release,
    config: await readConfig(source, valueIn(release)),
    loadedModules: mapFact(
      await source.lines("/proc/modules", moduleLine),
      (lines) => new Set(lines.map((line) => line.split(" ")[0] ?? "")),
    ),
    availableModules: await readAvailable(source, valueIn(release)),
  };
}

const moduleLine = new RegExp(`^(?:${wantedModules.join("|")}) `);
const optionLine = new RegExp(`^(?:# )?(?:${wantedOptions.join("|")})[= ]`);

/** The running kernel may show its own configuration (CONFIG_IKCONFIG_PROC); distributions keep it in /boot. */
async function readConfig(
  source: NodeSource,
  release: string | undefined,
): Promise<Fact<ReadonlyMap<string, string>>> {
  const places = ["/proc/config.gz"];
  if (release !== undefined)
    places.push(`/boot/config-${release}`, `/lib/modules/${release}/config`);
  let obstacle: Fact<never> | undefined;
  for (const place of places) {
    const lines = await source.lines(place, optionLine);
    if (lines.state === "present") return present(optionsOf(lines.value));
    if (lines.state === "unreadable") obstacle ??= lines;
  }
  return obstacle ?? unreadable("failed", places.slice(0, 2).join(" and "), "no such file");
}

/** `CONFIG_X=m`, or `# CONFIG_X is not set`. What a file does not name, its kernel does not know. */
function optionsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>(wantedOptions.map((option) => [option, "n"]));
  for (const line of lines) {
    const set = /^(\w+)=(.+)$/.exec(line);
    if (set !== null) options.set(set[1] ?? "", set[2] ?? "");
  }
  return options;
}

async function readAvailable(
  source: NodeSource,
  release: string | undefined,
): Promise<Fact<ReadonlySet<string>>> {
  if (release === undefined) return unreadable("failed", "/lib/modules", "the release is unknown");
  const found = new Set<string>();
  const pattern = new RegExp(`/(?:${wantedModules.join("|")})\\.ko(?:\\.\\w+)?(?::|$)`);
  let isThere = false;
  for (const name of ["modules.builtin", "modules.dep"]) {
    const lines = await source.lines(`/lib/modules/${release}/${name}`, pattern);
    if (lines.state === "unreadable") return lines;
    if (lines.state === "absent") continue;
    isThere = true;
    for (const line of lines.value) {
      const module = /([^/]+)\.ko/.exec(line.split(":")[0] ?? "")?.[1];
      if (module !== undefined) found.add(module.replaceAll("-", "_"));
    }
  }
  return isThere
    ? present(found)
    : unreadable("failed", `/lib/modules/${release}`, "no such folder");
}
