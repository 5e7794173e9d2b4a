/** The configuration space of a PCI device, where it says how peers may reach each other. */

import { absent, type Fact, present, unreadable } from "../../verify/doctor/fact.js";

/** PCI Express Base Specification 7.6.3: extended capabilities begin at 0x100, each with its id and the next one's place. */
const firstExtended = 0x100;
const accessControlServices = 0x000d;

/** The control register of Access Control Services (7.7.11.3), absent for a device that has none. */
export function readAcsControl(config: Uint8Array): Fact<number> {
  // the kernel shows others than root the first 64 bytes (pci_read_config() of drivers/pci/pci-sysfs.c)
  if (config.length < firstExtended) return unreadable("permission", "PCI configuration space");
  const view = new DataView(config.buffer, config.byteOffset, config.byteLength);
  const seen = new Set<number>();
  for (let at = firstExtended; at + 8 <= config.length && !seen.has(at); ) {
    seen.add(at);
    const header = view.getUint32(at, true);
    if ((header & 0xffff) === accessControlServices) return present(view.getUint16(at + 6, true));
    at = header >>> 20;
    if (at < firstExtended) break;
  }
  return absent;
}
