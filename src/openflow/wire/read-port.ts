/** Ports as Open vSwitch sends them (OpenFlow 1.4, section 7.2.1): 32 bits, the reserved ones at their end. */

import { inPort, localPort, type Port } from "../match.js";

/** OFPP_MAX of Open vSwitch, whose ports have 16 bits (include/openflow/openflow-common.h). */
const last = 0xfeff;

/** Undefined for the reserved ports that railfence has no use for: NORMAL, FLOOD, CONTROLLER and their like. */
export function readPort(number: number): Port | undefined {
  if (number > 0 && number <= last) return number;
  if (number === 0xfffffff8) return inPort;
  if (number === 0xfffffffe) return localPort;
  return undefined;
}
