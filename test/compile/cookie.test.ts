import { expect, test } from "vitest";
import { cookieOfDuty, cookieOfRules } from "../../src/compile/cookie.js";
import { cookieMagic, cookieMagicMask, isOurCookie } from "../../src/openflow/our-cookie.js";
import { policyOf } from "../support/checked.js";

const definitions =
  "rail r tenant a { namespace a } service roce = 4791/udp service nfs = 2049/tcp\n";
const rulesOf = (text: string) => policyOf(definitions + text).rules;

test("a cookie says whose it is, in which format, and a hash of 40 bits", () => {
  const cookie = cookieOfDuty("walk on");
  expect(cookie >> 48n).toBe(0x7266n);
  expect((cookie >> 40n) & 0xffn).toBe(1n);
  expect(cookie & cookieMagicMask).toBe(cookieMagic);
  expect(isOurCookie(cookie)).toBe(true);
  expect(isOurCookie(0n)).toBe(false);
  expect(isOurCookie(cookie ^ (1n << 48n))).toBe(false);
});

test("rules in any order, moved and reformatted, have one cookie; other rules another", () => {
  const rules = rulesOf("allow a <-> a : roce allow a -> a : nfs");
  const moved = rulesOf("# later\nallow a  ->\n a : nfs\nallow a<->a : roce");
  expect(cookieOfRules([...rules].reverse())).toBe(cookieOfRules(rules));
  expect(cookieOfRules(moved)).toBe(cookieOfRules(rules));
  expect(cookieOfRules(rules.slice(1))).not.toBe(cookieOfRules(rules));
  expect(cookieOfRules(rulesOf("allow a <-> a : roce"))).not.toBe(cookieOfDuty("walk on"));
});
