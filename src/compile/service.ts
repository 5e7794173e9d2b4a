/** The service tables: protocol, then port or type, of one source party, to the class of its service. */

import type { Family } from "../net/address.js";
import { isEveryNumber } from "../net/interval-set.js";
import { protocol } from "../net/protocol.js";
import type { Action } from "../openflow/action.js";
import type { Rule } from "../policy/checked-policy.js";
import type { Table } from "./compiled-rail.js";
import type { FlowSink } from "./flow-sink.js";
import type { Party } from "./party.js";
import type { RailView } from "./rail-view.js";
import type { ServiceClass } from "./service-class.js";
import { addTcp, addTypes, addUdp } from "./service-port.js";
import { rulesOf, SharesByProtocol } from "./service-share.js";
import { firstOf } from "./walk.js";

/**
 * OVS shows no fragment's ports to a flow, not even the first one's (ovs-ofctl(8), set-frags, mode "normal"): it reads
 * them as 0, so fragments must not reach the port tables.
 */
export function addFragmentStop(view: RailView, sink: FlowSink, family: Family): void {
  const { service, lateAnswer } = view.pipeline;
  const spec = { ip: { family, fragment: "yes" } } as const;
  for (const table of [service, lateAnswer])
    sink.add(table, 900, spec, [], "fragments show no ports");
}

export function addServices(
  view: RailView,
  sink: FlowSink,
  source: Party,
  classes: readonly ServiceClass[],
  family: Family,
  isLocal: boolean,
): void {
  const { pipeline } = view;
  const registers = sink.marked({ source: source.label });
  const ip = { registers, ip: { family } };
  const into = (service: ServiceClass): readonly Action[] => [
    sink.mark("service", service.label),
    sink.goTo(pipeline.permit),
  ];
  const rest = classes.find((service) => service.packets.rest);
  const shares = new SharesByProtocol(classes, rest);

  const fragmented = classes.find((service) => service.fragments);
  if (isLocal && fragmented !== undefined)
    sink.add(
      pipeline.fragments,
      300,
      { registers, ip: { family, fragment: "yes" } },
      [sink.goTo(firstOf(pipeline.ethernetSource))],
      rulesOf(fragmented),
    );
  const only = classes.length === 1 ? classes[0] : undefined;
  if (
    only?.fragments &&
    only === rest &&
    shares.protocols().every((number) => shares.isWhole(number, only))
  ) {
    sink.add(pipeline.service, 950, ip, into(only), rulesOf(only));
    return;
  }
  if (fragmented !== undefined) {
    const spec = { registers, ip: { family, fragment: "yes" } } as const;
    sink.add(pipeline.service, 950, spec, into(fragmented), rulesOf(fragmented));
  }
  if (rest !== undefined) sink.add(pipeline.service, 100, ip, into(rest), rulesOf(rest));

  const protocols = new Set(shares.protocols());
  if (classes.some(({ answers }) => answers.length > 0)) protocols.add(protocol.tcp);
  for (const number of [...protocols].sort((a, b) => a - b)) {
    const parts = shares.of(number);
    const whole =
      parts.length === 1 && isEveryNumber(parts[0]?.selectors ?? []) ? parts[0] : undefined;
    const looksAtAnswers =
      number === protocol.tcp &&
      whole === undefined &&
      classes.some(({ answers }) => answers.length > 0);
    const dispatch = (actions: readonly Action[], why: readonly Rule[] | string) =>
      sink.add(
        pipeline.service,
        200,
        { registers, ip: { family, transport: { protocol: number } } },
        actions,
        why,
      );
    if (whole !== undefined) {
      if (whole.service !== rest) dispatch(into(whole.service), rulesOf(whole.service));
    } else if (parts.length === 0 && !looksAtAnswers) {
      if (rest !== undefined) dispatch([], "no rule allows this protocol");
    } else {
      const table = tableOf(view, number, family);
      const sender = { registers, family, isLocal };
      let portSet: string | undefined;
      if (number === protocol.icmp || number === protocol.icmpv6)
        portSet = addTypes(sink, table, sender, parts, into);
      else if (number === protocol.tcp) portSet = addTcp(view, sink, sender, parts, classes, into);
      else portSet = addUdp(view, sink, sender, parts, into);
      const mark = portSet === undefined ? [] : [sink.mark("service", portSet)];
      dispatch([...mark, sink.goTo(table)], "by port or type");
    }
  }
}

function tableOf({ pipeline }: RailView, number: number, family: Family): Table {
  if (number === protocol.tcp) return pipeline.tcpService;
  if (number === protocol.udp) return pipeline.udpService;
  if (number === (family === 4 ? protocol.icmp : protocol.icmpv6))
    return pipeline.icmpService[family];
  throw new Error(`protocol ${number} has no ports to tell apart`);
}
