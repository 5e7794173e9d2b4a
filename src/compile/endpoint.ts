/**
 * The fence around one local endpoint: only it speaks from its representor, and as itself. Fields without a prefix
 * trie are walked, so that spoofing makes few megaflows; no check is reached but through the one before.
 */

import type { Action } from "../openflow/action.js";
import type { MatchSpec } from "../openflow/match-spec.js";
import { addEndpointArp } from "./arp.js";
import type { Table } from "./compiled-rail.js";
import { addEndpointDiscovery } from "./discovery.js";
import { addressesOf, type LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { notItself, ownAddresses } from "./itself.js";
import type { RailView } from "./rail-view.js";
import { ipv6Stages, type Stages } from "./strides.js";
import { addExactWalk, firstOf } from "./walk.js";

export function addEndpoint(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  addClassify(view, sink, local);
  addEthernetSource(view, sink, local);
  if (addressesOf(local, 4).length > 0) {
    addIpv4Source(view, sink, local);
    addEndpointArp(view, sink, local);
  }
  if (addressesOf(local, 6).length > 0) {
    addIpv6Source(view, sink, local);
    addEndpointDiscovery(view, sink, local);
  }
  addOutput(view, sink, local);
}

function addClassify({ pipeline }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const inPort = local.representor;
  const party = sink.mark("source", local.party.label);
  // all tagged frames share one megaflow, for only the presence bit of the tag is looked at
  const add = (spec: MatchSpec, to: Table) => {
    const actions = [party, sink.goTo(to)];
    sink.add(pipeline.classify, 50_100, { inPort, untagged: true, ...spec }, actions, notItself);
  };
  if (addressesOf(local, 4).length > 0) {
    add({ ip: { family: 4 } }, pipeline.fragments);
    add({ arp: {} }, firstOf(pipeline.ethernetSource));
  }
  if (addressesOf(local, 6).length > 0) add({ ip: { family: 6 } }, pipeline.fragments);
  // a default such as NORMAL, which bridges are born with, must never see what a pod sends
  sink.add(pipeline.classify, 50_000, { inPort }, [], "what an endpoint may not send at all");
}

function addEthernetSource({ pipeline }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  addExactWalk(
    sink,
    pipeline.ethernetSource,
    [local.mac],
    [sink.goTo(pipeline.etherType)],
    notItself,
    (ethernetSource) => ({ inPort: local.representor, ethernetSource }),
  );
}

function addIpv4Source({ pipeline }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const values = ownAddresses(local, 4);
  const { stages, tables } = pipeline.ipv4Source;
  addExactWalk(
    sink,
    { stages: besideTrie(stages, values), tables },
    values,
    [sink.goTo(pipeline.service)],
    notItself,
    (source) => ({ inPort: local.representor, ip: { family: 4, source } }),
  );
}

function addIpv6Source({ pipeline }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  addExactWalk(
    sink,
    { stages: ipv6Stages, tables: pipeline.ipv6Source.tables },
    ownAddresses(local, 6),
    [sink.goTo(pipeline.ipv6Kind)],
    notItself,
    (source) => ({ inPort: local.representor, ip: { family: 6, source } }),
  );
}

/**
 * OVS's trie for IPv4 makes a mask for every bit of a prefix, and all 32 bits are one. Bits that are no prefix have no
 * trie, so the last stage leaves out a bit that was looked at before, one in which the endpoint's addresses are alike.
 */
function besideTrie(stages: Stages, values: readonly bigint[]): Stages {
  const before = stages.at(-2) ?? 0n;
  const [first = 0n] = values;
  const differing = values.reduce((bits, value) => bits | (value ^ first), 0n);
  const alike = before & ~differing;
  return [...stages.slice(0, -1), (stages.at(-1) ?? 0n) & ~highestOf(alike)];
}

function highestOf(bits: bigint): bigint {
  return bits === 0n ? 0n : 1n << BigInt(bits.toString(2).length - 1);
}

function addOutput(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const registers = sink.marked({ output: local.representor });
  const rewrite: Action[] = view.isRouted
    ? [
        { kind: "set", field: "dl_src", value: view.mac },
        { kind: "set", field: "dl_dst", value: local.mac },
      ]
    : [];
  const output: Action = { kind: "output", port: local.representor };
  sink.add(view.pipeline.forward, 100, { registers }, [...rewrite, output], "to the endpoint");
}
