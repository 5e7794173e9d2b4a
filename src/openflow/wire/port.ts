/** Port numbers of a connection: 32 bits wide since OpenFlow 1.1, the reserved ones at their end (section 7.2.1). */

import { type Port, portOf } from "../match.js";
import type { PortNumbers } from "../print.js";

/** OFPP_MAX of OpenFlow 1.0: from here on numbers are reserved. */
const firstReserved = 0xff00;

/** Undefined for a name that `ports` does not hold. */
export function wirePortOf(port: Port, ports: PortNumbers): number | undefined {
  const known = portOf(port);
  const number = typeof known === "number" ? known : ports.get(known);
  if (number === undefined) return undefined;
  return number >= firstReserved ? 0xffff0000 + number : number;
}
