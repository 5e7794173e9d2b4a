/** Is Open vSwitch told to offload, and does the process that runs know it? */

import type { DoctorFinding, FlowApiEvidence } from "./doctor-finding.js";
import { valueIn } from "./fact.js";
import { nicBridgesOf } from "./nic-ports.js";
import type { NodeFacts, OpenVswitchFacts } from "./node-facts.js";
import { unknownOf } from "./unknown.js";

export function checkSwitch(facts: NodeFacts, runDirectory: string): DoctorFinding[] {
  const { openVswitch } = facts;
  const { daemon, version, settings, upcalls, log } = openVswitch;
  if (daemon.state === "absent") return [{ code: "switch-not-running", runDirectory }];
  return [
    ...unknownOf(daemon, "switch", "running", "problem"),
    ...unknownOf(version, "switch", "version", "warning"),
    ...versionFindings(valueIn(version)),
    ...unknownOf(settings, "switch", "settings", "problem"),
    ...settingFindings(valueIn(settings)?.otherConfig, facts),
    ...unknownOf(upcalls, "switch", "flow-limit", "warning"),
    ...limitFindings(openVswitch),
    ...unknownOf(log, "switch", "log", "warning"),
    ...(valueIn(log)?.complaints ?? []).map((complaint) => ({
      code: "log-complaint" as const,
      complaint,
      path: valueIn(log)?.path ?? "",
      sinceStart: valueIn(log)?.reachesStart === true,
    })),
  ];
}

/** Dumps name the layer of each megaflow since 2.13 (NEWS of Open vSwitch). */
const oldest = [2, 13] as const;

function versionFindings(version: string | undefined): DoctorFinding[] {
  if (version === undefined) return [];
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  return [{ code: isOld ? "switch-too-old" : "switch-version", version }];
}

function settingFindings(
  otherConfig: ReadonlyMap<string, string> | undefined,
  facts: NodeFacts,
): DoctorFinding[] {
  if (otherConfig === undefined) return [];
  const isOn = otherConfig.get("hw-offload") === "true";
  return [
    { code: isOn ? "hw-offload-on" : "hw-offload-off" },
    ...flowApiFindings(isOn, facts),
    ...(isOn ? policyFindings(otherConfig.get("tc-policy") ?? "none", facts.openVswitch) : []),
    ...idleFindings(otherConfig),
  ];
}

function flowApiFindings(isOn: boolean, facts: NodeFacts): DoctorFinding[] {
  const found = flowApiOf(facts);
  if (found === undefined)
    return isOn ? unknownOf(whyNotKnown(facts.openVswitch), "switch", "flow-api", "problem") : [];
  const { runs, evidence } = found;
  if (runs) return [{ code: isOn ? "flow-api-on" : "flow-api-still-on", evidence }];
  if (!isOn) return [];
  const since = valueIn(facts.openVswitch.daemon)?.startedAt;
  return [{ code: "flow-api-off", evidence, ...(since === undefined ? {} : { since }) }];
}

/** Whether the running process offloads, by the best witness there is. */
export function flowApiOf(
  facts: NodeFacts,
): { readonly runs: boolean; readonly evidence: FlowApiEvidence } | undefined {
  const { offloadEnabled, upcalls, log } = facts.openVswitch;
  if (offloadEnabled.state === "present")
    return { runs: offloadEnabled.value, evidence: "dpif/offload/show" };
  const kernelDatapaths = (valueIn(upcalls) ?? []).filter(({ datapath }) =>
    datapath.startsWith("system@"),
  );
  if (kernelDatapaths.some(({ offloaded }) => offloaded !== undefined))
    return { runs: true, evidence: "upcall/show" };
  const said = valueIn(log);
  if (said?.flowApiEnabled === true) return { runs: true, evidence: "log" };
  if (said?.reachesStart === true) return { runs: false, evidence: "log" };
  // a NIC's port on the kernel's datapath would have made the line, had it a flow API
  const hasNic = nicBridgesOf(facts).some(({ bridge }) => bridge.datapathType === "system");
  if (kernelDatapaths.length > 0 && hasNic) return { runs: false, evidence: "upcall/show" };
  return undefined;
}

function whyNotKnown({ upcalls, log }: OpenVswitchFacts) {
  if (upcalls.state === "unreadable") return upcalls;
  if (log.state === "unreadable") return log;
  const words = "no NIC's port is on a bridge, and the log does not reach back to the start";
  return {
    state: "unreadable",
    obstacle: { kind: "failed", what: "ovs-appctl upcall/show", words },
  } as const;
}

function policyFindings(policy: string, { log }: OpenVswitchFacts): DoctorFinding[] {
  const said = valueIn(log);
  // nothing is logged where nothing was ever set (tc_set_policy() of lib/tc.c)
  const inUse = said?.reachesStart === true ? (said.tcPolicy ?? "none") : said?.tcPolicy;
  if (inUse !== undefined && inUse !== policy)
    return [{ code: "tc-policy-not-in-use", policy, inUse }];
  if (policy === "skip_hw") return [{ code: "tc-policy-skips-hardware" }];
  if (policy === "skip_sw") return [{ code: "tc-policy-skips-software" }];
  return [{ code: "tc-policy", policy }];
}

/** Defaults and least values of ovs-vswitchd.conf.db(5). */
const defaultIdle = 10_000;
/** mlx5 reads its counters once a second, and Open vSwitch allows for two (`offloaded-stats-delay`). */
const shortIdle = 3_000;
const firstLimit = 10_000;

function idleFindings(otherConfig: ReadonlyMap<string, string>): DoctorFinding[] {
  const milliseconds = Number(otherConfig.get("max-idle") ?? defaultIdle);
  const setting = Number(otherConfig.get("flow-limit") ?? firstLimit);
  return [
    { code: milliseconds < shortIdle ? "max-idle-short" : "max-idle", milliseconds },
    ...(setting < firstLimit ? [{ code: "flow-limit-low", setting } as const] : []),
  ];
}

function limitFindings({ upcalls }: OpenVswitchFacts): DoctorFinding[] {
  return (valueIn(upcalls) ?? []).map(({ flows, limit }) => ({
    code: flows >= 0.9 * limit ? "flow-limit-near" : "flow-limit",
    flows,
    limit,
  }));
}
