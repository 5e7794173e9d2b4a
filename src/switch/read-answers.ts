/** Open vSwitch's answers about a bridge's ports. */

/** OpenFlow port numbers by port name. */
export type PortNumbers = ReadonlyMap<string, number>;

/** OpenFlow's number of a bridge's own port (OpenFlow 1.4, section 7.2.1: OFPP_LOCAL; ovs-fields(7): 65534). */
const localPort = 65534;

/** `dpif/show`: `  br-pf1:` and below it `    p0 1/2: (dummy)`; undefined if the bridge is not in it. */
export function readShownPorts(text: string, bridge: string): PortNumbers | undefined {
  const start = text.indexOf(`\n  ${bridge}:\n`);
  if (start < 0) return undefined;
  const ports = new Map<string, number>();
  for (const line of text.slice(start + bridge.length + 5).split("\n")) {
    const found = /^ {4}(.+) (\d+)\/(?:\d+|none):/.exec(line);
    if (found === null) break;
    const number = Number(found[2]);
    if (number !== localPort) ports.set(found[1] ?? "", number);
  }
  return ports;
}

/** `ovs-ofctl dump-ports-desc`: ` 1(p0): addr:aa:55:aa:55:00:0f`. */
export function readPortDescriptions(text: string): PortNumbers {
  const ports = new Map<string, number>();
  for (const found of text.matchAll(/^ (\d+)\((.+)\): addr:/gm))
    ports.set(found[2] ?? "", Number(found[1]));
  return ports;
}
