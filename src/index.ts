/**
 * The public library: everything the command line does, as functions over values. Text becomes a checked policy and an
 * inventory, these become the flows of a rail, flows go to a switch and come back as a verdict.
 *
 * An author's mistake is a `Diagnostic`, returned and never thrown; what Open vSwitch refuses is thrown as a
 * `SwitchError` (by the Fence: a `FenceError`); a plain Error is a fault of railfence.
 */

// flows
export { compareRails, type RailDifference } from "./compile/compare-rails.js";
export { compileRail, type RailChoice, RailCompiler } from "./compile/compile-rail.js";
export type { CompiledRail, Provenance, Table } from "./compile/compiled-rail.js";
export { findNotOffloadable } from "./compile/offloadable.js";
// megaflows and verdicts
export type { Megaflow, MegaflowReading } from "./datapath/megaflow.js";
export { printMegaflow } from "./datapath/print-megaflow.js";
export { readMegaflows } from "./datapath/read-megaflows.js";
export { type ClassifiedTables, classifyTables } from "./datapath/unwildcard/classified-tables.js";
export { type PredictedMegaflow, unwildcard } from "./datapath/unwildcard/unwildcard.js";
// net: addresses, prefixes, frames
export { type Address, type Family, parseAddress, printAddress } from "./net/address.js";
export { type Mac, parseMac, printMac } from "./net/mac.js";
export type { Frame } from "./net/packet.js";
export { type Prefix, parsePrefix, printPrefix } from "./net/prefix.js";
export { printTraffic, type Traffic } from "./net/traffic.js";
export type { Action } from "./openflow/action.js";
export { type Evaluation, type EvaluationStart, evaluate } from "./openflow/evaluate.js";
export type { Flow } from "./openflow/flow.js";
export type { Match } from "./openflow/match.js";
export { type MatchSpec, matchOf } from "./openflow/match-spec.js";
export { type PortNumbers, printActions, printFlow, printMatch } from "./openflow/print.js";
export { readFlow, readFlows } from "./openflow/read.js";
export { type CheckOptions, checkPolicy, type PolicyCheck } from "./policy/check.js";
// inventory
export { checkInventory } from "./policy/check-inventory.js";
export type {
  Budget,
  CheckedPolicy,
  Group,
  PolicyTest,
  Rule,
  Selector,
  Service,
  Tenant,
} from "./policy/checked-policy.js";
// what a policy means
export {
  type Connection,
  type ConnectionExplanation,
  explainConnection,
} from "./policy/connection.js";
export { type Arrival, decide } from "./policy/decide.js";
export type { Decision, Port as BridgePort } from "./policy/decision.js";
export type { Endpoint, Inventory, Node, NodeRail, Rail } from "./policy/inventory.js";
export { inventoryJsonSchema } from "./policy/inventory-schema.js";
export type { InventorySource } from "./policy/inventory-source.js";
export { type Identify, type LoadedPolicy, loadPolicy, type ReadText } from "./policy/load.js";
// what a change of policy means
export type { Cause } from "./policy/reachability/causes.js";
export {
  isSameReach,
  type LaterDifference,
  type ReachDifference,
} from "./policy/reachability/compare-policies.js";
export type { PairTerms, ReachEntry } from "./policy/reachability/entry.js";
export type { OtherChange } from "./policy/reachability/other-changes.js";
export { TooManyKinds } from "./policy/reachability/pod-atoms.js";
export {
  comparePolicies,
  type PolicyDifference,
} from "./policy/reachability/policy-difference.js";
export type { RailView } from "./policy/reachability/rail-views.js";
export type { SideTerm } from "./policy/reachability/side-term.js";
export type { TrafficTerm } from "./policy/reachability/traffic-terms.js";
export { type InventoryReading, readInventory } from "./policy/read-inventory.js";
export { runTests } from "./policy/run-tests.js";
export { describeChange, describeMissing } from "./report/change-words.js";
export { type DiagnosticJson, diagnosticJson } from "./report/diagnostic-json.js";
export { renderDiagnostics } from "./report/diagnostic-text.js";
export {
  type DifferenceDocument,
  differenceDocument,
  differenceJsonSchema,
  printDifferenceJson,
} from "./report/difference-json.js";
export { printDifferenceMarkdown } from "./report/difference-markdown.js";
export { printDifference } from "./report/difference-text.js";
export {
  type DoctorDocument,
  doctorDocument,
  doctorJsonSchema,
  printDoctorJson,
} from "./report/doctor-json.js";
export { printDoctor } from "./report/doctor-text.js";
export type { DoctorWords } from "./report/doctor-text-parts.js";
export { describeDoctorFinding } from "./report/doctor-words.js";
export { printMetrics, type Readings } from "./report/metrics.js";
export { printProofJson, proofDocument } from "./report/proof-json.js";
export { type ProofDocument, proofJsonSchema } from "./report/proof-schema.js";
export { printProofs } from "./report/proof-text.js";
export { printVerdictJson, verdictDocument } from "./report/verdict-json.js";
export { printVerdictJunit } from "./report/verdict-junit.js";
export { type VerdictDocument, verdictJsonSchema } from "./report/verdict-schema.js";
export { printVerdicts } from "./report/verdict-text.js";
// the node: is it able to offload?
export { LiveSource, type LiveSourceOptions } from "./switch/doctor/live-source.js";
export type { NodeSource } from "./switch/doctor/node-source.js";
export { readNodeFacts } from "./switch/doctor/read-node-facts.js";
export { RecordedSource } from "./switch/doctor/recorded-source.js";
export { Recorder } from "./switch/doctor/recorder.js";
// the running switch
export { isSwitchError, SwitchError, type SwitchErrorKind } from "./switch/errors.js";
export { Fence, type FenceChange } from "./switch/fence.js";
export type { EndpointIdentity } from "./switch/fence-endpoints.js";
export { FenceError, type FenceErrorKind } from "./switch/fence-error.js";
export type { FenceOptions } from "./switch/fence-options.js";
export type { FenceRailCheck } from "./switch/fence-rail.js";
export { fileInventory } from "./switch/file-inventory.js";
export { type FlowText, printFlowText } from "./switch/flow-text.js";
export { printDatapathFrame, printTraceFrame } from "./switch/frame-text.js";
export {
  type InstallOptions,
  type InstallReport,
  type InstallStep,
  install,
  planInstall,
  planUninstall,
  uninstall,
} from "./switch/install.js";
export { type Observation, observe } from "./switch/observe.js";
export {
  OpenVswitch,
  type OpenVswitchOptions,
  type SslFiles,
  systemRunDirectory,
} from "./switch/open-vswitch.js";
export { type Change, isEmpty, type Plan } from "./switch/plan.js";
export {
  type PrivateBridge,
  type PrivateSwitch,
  type PrivateSwitchOptions,
  startPrivateSwitch,
} from "./switch/private-switch.js";
export { record } from "./switch/record.js";
export { loadRecording, saveRecording } from "./switch/recording-folder.js";
export type { SwitchWarning, SwitchWarningKind } from "./switch/switch-warning.js";
// policy text to checked policy
export { formatPolicy } from "./syntax/format.js";
export { parsePolicy } from "./syntax/parse.js";
export type { PolicyTree, Sentence } from "./syntax/tree.js";
export { describe } from "./text/describe.js";
export type { Description } from "./text/description.js";
export {
  type Diagnostic,
  type DiagnosticCode,
  diagnosticCodes,
  hasErrors,
  type Label,
  type Severity,
  severityOf,
} from "./text/diagnostic.js";
// text: sources, places, diagnostics and their words
export { type Position, positionOf, printPlace, type Source, type Span } from "./text/source.js";
export {
  type AwaitedConnection,
  type AwaitedReading,
  readAwaited,
} from "./verify/awaited/awaited.js";
export { type Missing, missingOf } from "./verify/awaited/in-hardware.js";
export { type Change as VerdictChange, changesBetween } from "./verify/change.js";
export { type Advice, adviceFor, type TenantBlocks } from "./verify/cost/advice.js";
export { checkBudgets } from "./verify/cost/check-budgets.js";
export type {
  HostileCost,
  NodeCost,
  PortCost,
  RailCost,
  RuleCost,
  Tally,
} from "./verify/cost/cost.js";
export type { HostileBound } from "./verify/cost/hostile-bound.js";
export { type RailChange, railChangeOf } from "./verify/cost/rail-change.js";
export { hostileCostsOf, railCostOf } from "./verify/cost/rail-cost.js";
export { modelOfCompiled, type RailModel, railModelOf } from "./verify/cost/rail-model.js";
export { doctorStateOf, doctorSubjectOf } from "./verify/doctor/code-states.js";
export { type Diagnosis, diagnose, diagnosisOf } from "./verify/doctor/diagnose.js";
export type { DoctorFinding, DoctorState } from "./verify/doctor/doctor-finding.js";
export type { Fact, Obstacle } from "./verify/doctor/fact.js";
export type { NodeFacts } from "./verify/doctor/node-facts.js";
export type { Confirmation } from "./verify/evidence/confirmation.js";
export type { Evidence, Exhibit } from "./verify/evidence/evidence.js";
export { readRecording } from "./verify/evidence/read-recording.js";
export type { Recording } from "./verify/evidence/recording.js";
export { isAsIntended } from "./verify/exit-decision.js";
export type { ProofInput } from "./verify/proof/comparison.js";
export type { ProofFinding, RailProof } from "./verify/proof/finding.js";
export { proveRail } from "./verify/proof/prove-rail.js";
export { RailProver } from "./verify/proof/rail-prover.js";
export {
  differenceBetween,
  type ReachabilityDifference,
  type ReachChange,
} from "./verify/proof/reachability-difference.js";
export type { Reason } from "./verify/reason/cause.js";
export type { Finding, OffloadState, RailVerdict, RuleVerdict } from "./verify/verdict.js";
export { type VerifyInput, verifyRail } from "./verify/verify-rail.js";
