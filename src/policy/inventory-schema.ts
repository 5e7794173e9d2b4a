/** The inventory document: the one source of its checks, its types and its JSON Schema. */

import { z } from "zod";
import { parseAddress } from "../net/address.js";
import { isGroupMac, parseMac } from "../net/mac.js";
import { parsePrefix, printPrefix } from "../net/prefix.js";

// many a reader that makes objects of JSON loses this key: zod drops it without a word
export const reservedName = "__proto__";
const notReserved = /^(?!__proto__$)/;
export const reservedProblem = `\`${reservedName}\` cannot be a name`;

// C0, DEL, C1 and the line and paragraph separators: written out, as not every reader of the JSON Schema knows \p{Cc}
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is there to refuse them
const printable = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/;

// names stand in messages and tables, where a line must stay one line
const name = z
  .string()
  .min(1)
  .regex(printable, "a name cannot hold control characters or line breaks")
  .regex(notReserved, reservedProblem);

// a number, and OpenFlow's reserved ports in any case, as ovs-ofctl reads them (ovs-fields(7), "in_port")
const reserved =
  /^([0-9]+|0x[0-9a-f]+|max|unset|in_port|table|normal|flood|all|controller|local|any|none)$/i;

// what OVS and its tools take as a name without quotes, and no tool takes for an option
const portName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:@+-]*$/, "expected the name of an Open vSwitch port or bridge")
  .regex(notReserved, reservedProblem)
  .refine((text) => !reserved.test(text), "in a flow this is no port's name");

const address = z
  .string()
  .transform((text, context) => parseAddress(text) ?? refuse(context, "expected an IP address"))
  .meta({ description: "IPv4 or IPv6 address", examples: ["10.101.0.5", "fd00:101::5"] });

const prefix = z
  .string()
  .transform((text, context) => {
    const read = parsePrefix(text);
    if (read.kind === "malformed") return refuse(context, "expected an IPv4 or IPv6 prefix");
    if (read.kind === "prefix") return read.prefix;
    return refuse(context, `bits are set past its length: write \`${printPrefix(read.prefix)}\``);
  })
  .meta({ description: "IPv4 or IPv6 prefix", examples: ["10.101.0.0/16", "fd00:101::/48"] });

const mac = z
  .string()
  .regex(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, {
    error: "expected a MAC address, as `0a:58:0a:65:00:05`",
    abort: true,
  })
  .transform((text, context) => {
    const value = parseMac(text);
    if (value === undefined || value === 0n) return refuse(context, "no port has this address");
    return isGroupMac(value) ? refuse(context, "it is a group address, not a port's own") : value;
  })
  .meta({ description: "MAC address", examples: ["0a:58:0a:65:00:05"] });

const rail = z.strictObject({
  mode: z.enum(["routed", "bridged"]),
  subnets: z.array(prefix).min(1),
  gateways: z.array(address).optional(),
});

const nodeRail = z.strictObject({
  bridge: portName.meta({ description: "the Open vSwitch bridge of this rail" }),
  uplink: portName.meta({ description: "the physical function's own port on the bridge" }),
  mac: mac.optional().meta({ description: "the bridge's own; needed on a routed rail" }),
  nextHop: mac.optional().meta({ description: "the leaf switch's; needed on a routed rail" }),
  uplinkSource: z.enum(["verify", "trust"]).optional().meta({
    description: "whether source addresses are checked again on arrival",
    default: "verify",
  }),
});

const endpoint = z.strictObject({
  namespace: name,
  pod: name,
  node: name,
  rail: name,
  ips: z.array(address).min(1),
  mac: mac.optional().meta({ description: "needed where the endpoint's own node is compiled" }),
  representor: portName
    .optional()
    .meta({ description: "needed where the endpoint's own node is compiled" }),
});

export const inventorySchema = z.strictObject({
  version: z.literal(1),
  rails: z.record(name, rail),
  nodes: z.record(name, z.strictObject({ rails: z.record(name, nodeRail) })),
  endpoints: z.array(endpoint),
});

export type InventoryDocument = z.output<typeof inventorySchema>;
export type EndpointDocument = z.output<typeof endpoint>;

/** JSON Schema (draft 2020-12) of the document, for editors and other programs. */
export function inventoryJsonSchema(): object {
  const schema = z.toJSONSchema(inventorySchema, { io: "input" });
  return { title: "railfence inventory", ...schema };
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}
