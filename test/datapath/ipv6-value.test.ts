import fc from "fast-check";
import { expect, test } from "vitest";
import { readIpv6 } from "../../src/datapath/ipv6-value.js";
import { parseAddress } from "../../src/net/address.js";

const seed = 20260102;

test(`an IPv6 address in a dump is what it is elsewhere, or none at all (seed ${seed})`, () => {
  const group = fc.oneof(
    fc.nat(0x11111).map((number) => number.toString(16)),
    fc.constant(""),
  );
  const text = fc.oneof(
    fc.array(group, { maxLength: 10 }).map((groups) => groups.join(":")),
    fc.array(group, { maxLength: 7 }).map((groups) => `${groups.join(":")}:10.0.0.1`),
    fc.ipV6(),
    fc.array(fc.constantFrom(..."01afAF:::.g")).map((characters) => characters.join("")),
  );
  fc.assert(
    fc.property(text, (address) => {
      const known = parseAddress(address);
      const expected = known?.family === 6 ? known.value : undefined;
      expect(readIpv6(`(${address})`, 1, address.length + 1)).toBe(expected);
    }),
    { seed, numRuns: 5000 },
  );
});
