/**
 * The fence around one local endpoint: only it speaks from its representor, and as itself. Fields without a prefix
 * trie are walked, so that spoofing makes few megaflows; no check is reached but through the one before.
 */

import type { Action } from "../openflow/action.js";
import type { MaskedBits, MatchSpec } from "../openflow/match-spec.js";
import { addEndpointArp } from "./arp.js";
import { addEndpointDiscovery } from "./discovery.js";
import { addressesOf, type LocalEndpoint } from "./fleet.js";
import type { FlowSink } from "./flow-sink.js";
import { notItself, ownAddresses, ownMac } from "./itself.js";
import type { RailView } from "./rail-view.js";
import { addWalk, firstOf, macMask } from "./walk.js";

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
  const actions = [
    sink.mark("source", local.party.label),
    sink.goTo(firstOf(pipeline.ethernetSource)),
  ];
  // all tagged frames share one megaflow, for only the presence bit of the tag is looked at
  const add = (spec: MatchSpec) =>
    sink.add(pipeline.classify, 50_100, { inPort, untagged: true, ...spec }, actions, notItself);
  if (addressesOf(local, 4).length > 0) {
    add({ ip: { family: 4 } });
    add({ arp: {} });
  }
  if (addressesOf(local, 6).length > 0) add({ ip: { family: 6 } });
  // a default such as NORMAL, which bridges are born with, must never see what a pod sends
  sink.add(pipeline.classify, 50_000, { inPort }, [], "what an endpoint may not send at all");
}

function addEthernetSource({ pipeline }: RailView, sink: FlowSink, local: LocalEndpoint): void {
  addWalk(
    sink,
    pipeline.ethernetSource,
    [ownMac(local, [sink.goTo(pipeline.etherType)])],
    (value, length) => ({
      inPort: local.representor,
      ethernetSource: macMask(value, length),
    }),
  );
}

function addIpv4Source(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline, isRouted } = view;
  const onward = [sink.goTo(isRouted ? pipeline.ethernetDestination : pipeline.service)];
  const steps = ownAddresses(local, 4, onward);
  // a bit that only the first stride or only the later ones look at must not tell two addresses apart
  const isAlike = new Set(steps.map(({ value }) => value >> 28n)).size === 1;
  addWalk(sink, pipeline.ipv4Source, steps, (value, length) => ({
    inPort: local.representor,
    ip: { family: 4, source: isAlike ? besideTrie(value, length) : { family: 4, value, length } },
  }));
}

function addIpv6Source(view: RailView, sink: FlowSink, local: LocalEndpoint): void {
  const { pipeline, isRouted } = view;
  const onward = [sink.goTo(isRouted ? pipeline.ethernetDestination : pipeline.ipv6Kind)];
  addWalk(sink, pipeline.ipv6Source, ownAddresses(local, 6, onward), (value, length) => ({
    inPort: local.representor,
    ip: { family: 6, source: { family: 6, value, length } },
  }));
}

/**
 * OVS's trie for IPv4 makes a mask for every bit of a prefix; a stride makes one for its four. Bits that are no prefix
 * have no trie, so the first stride leaves out the first bit, and every later one the second. (IPv6 has none before OVS
 * 3.5, and ovs-ofctl 3.1 cannot read such a mask of it: it takes `/7fff::` for a length of 7.)
 */
function besideTrie(value: bigint, length: number): MaskedBits {
  const hole = length === 4 ? 1n << 31n : 1n << 30n;
  const mask = ((1n << 32n) - (1n << BigInt(32 - length))) & ~hole;
  return { value: value & mask, mask };
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
