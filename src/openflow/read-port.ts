/** Port names and numbers as flows write them. */

import { inPort, localPort, type Port } from "./match.js";
import { readSmallNumber } from "./read-value.js";

/**
 * Undefined for the reserved ports that railfence does not use, and for `local` in small letters: a dump with names
 * means a port called so, a file for `add-flows` means LOCAL (OVS 3.1 does both).
 */
export function readPort(text: string): Port | undefined {
  if (text.startsWith('"')) {
    const name = text.slice(1, -1);
    return name !== "" && text.endsWith('"') && !isUnnameable(name) ? name : undefined;
  }
  if (text === "LOCAL") return localPort;
  if (text === "IN_PORT") return inPort;
  const number = readSmallNumber(text);
  if (number !== undefined) {
    const isKnown = number < firstReserved || number === localPort || number === inPort;
    return isKnown ? number : undefined;
  }
  return /^[A-Za-z_][^\s,"()[\]=]*$/.test(text) && !reservedNames.test(text) ? text : undefined;
}

// OFPP_MAX (OpenFlow 1.0, section 5.2.1): OVS keeps 16-bit ports
const firstReserved = 0xff00;

const reservedNames = /^(in_port|table|normal|flood|all|controller|local|any|none|unset)$/i;

/** Whether OVS cuts the name apart when it reads it, quoted or not: no flow that is written can say it. */
export function isUnnameable(name: string): boolean {
  return /[\s,"\\()[\]]/.test(name);
}

/** Whether a bare name would be read as a reserved port. */
export function isReservedName(name: string): boolean {
  return reservedNames.test(name);
}
