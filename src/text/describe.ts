/** From a diagnostic to its words. No default case: a new code cannot be forgotten. */

import { describeCost } from "./describe-cost.js";
import { describeInventory } from "./describe-inventory.js";
import { describeSyntax } from "./describe-syntax.js";
import type { Description } from "./description.js";
import type { Diagnostic, LabelRole } from "./diagnostic.js";

export function describe(diagnostic: Diagnostic): Description {
  switch (diagnostic.code) {
    case "syntax-error":
    case "repeated-clause":
      return describeSyntax(diagnostic);
    case "host-bits-set":
      return {
        message: `prefix \`${diagnostic.wrote}\` has bits set past its length`,
        underline: `write \`${diagnostic.write}\``,
      };
    case "bad-prefix":
      return {
        message: `\`${diagnostic.wrote}\` is not an IPv4 or IPv6 prefix`,
        help: "write an address and a length, such as `10.200.0.0/16` or `fd00:200::/48`",
      };
    case "bad-port":
      return {
        message: `\`${diagnostic.wrote}\` is not a port`,
        underline: "ports go from 0 to 65535",
      };
    case "bad-icmp-number":
      return {
        message: `\`${diagnostic.wrote}\` is not an ICMP ${diagnostic.what}`,
        underline: `an ICMP ${diagnostic.what} goes from 0 to 255`,
      };
    case "bad-date":
      return {
        message: `\`${diagnostic.wrote}\` is not a day of the calendar`,
        underline: "a day is written `YYYY-MM-DD`",
      };
    case "bad-glob":
      return diagnostic.character === ""
        ? { message: "a namespace name cannot be empty", help: "`*` stands for any namespace" }
        : {
            message: `namespace \`${diagnostic.wrote}\` cannot hold \`${diagnostic.character}\``,
            help: "a namespace has letters, digits, `-`, `_` and `.`; `*` stands for any run of them",
          };
    case "bad-number":
      return {
        message: `\`${diagnostic.wrote}\` is too large`,
        underline: "at most 1000000000",
      };
    case "reversed-range":
      return {
        message: `port range \`${diagnostic.wrote}\` ends before it begins`,
        underline: `write \`${diagnostic.write}\``,
      };
    case "unknown-name":
      return {
        message:
          diagnostic.tenant === undefined
            ? `${diagnostic.kind} \`${diagnostic.name}\` is not defined`
            : `tenant \`${diagnostic.tenant}\` has no namespace that \`${diagnostic.name}\` matches`,
        ...(diagnostic.suggestion !== undefined && {
          help: `did you mean \`${diagnostic.suggestion}\`?`,
        }),
      };
    case "duplicate-definition":
      return {
        message: `${diagnostic.kind} \`${diagnostic.name}\` is defined twice`,
        underline: "second definition",
        help: "keep one of the two, or give one another name",
      };
    case "group-cycle":
      return {
        message: `group \`${diagnostic.path[0]}\` is a member of itself: ${chain(diagnostic.path)}`,
        underline: "this member closes the circle",
      };
    case "import-cycle":
      return {
        message: `this file is used by itself: ${chain(diagnostic.path)}`,
        help: "move what both files need into a third one",
      };
    case "missing-import":
      return {
        message:
          diagnostic.reason === undefined
            ? `file \`${diagnostic.path}\` cannot be read`
            : `file \`${diagnostic.path}\` cannot be read: ${diagnostic.reason}`,
        help: "the path is relative to the folder of the file that says `use`",
      };
    case "namespace-in-two-tenants":
      return {
        message: `namespace \`${diagnostic.namespace}\` of tenant \`${diagnostic.tenant}\` is claimed by tenant \`${diagnostic.otherTenant}\` too${
          diagnostic.example === undefined ? "" : `: both match \`${diagnostic.example}\``
        }`,
        help: "a namespace belongs to one tenant",
      };
    case "overlapping-networks":
      return {
        message: `network \`${diagnostic.network}\` of tenant \`${diagnostic.tenant}\` overlaps \`${diagnostic.otherNetwork}\` of tenant \`${diagnostic.otherTenant}\``,
        help: "an address belongs to one tenant",
      };
    case "network-overlaps-subnet":
      return {
        message: `network \`${diagnostic.network}\` of tenant \`${diagnostic.tenant}\` overlaps subnet \`${diagnostic.subnet}\` of rail \`${diagnostic.rail}\``,
        help: "what stands in a rail's subnets is claimed by `namespace`, not by `network`",
      };
    case "one-way-roce":
      return {
        message: `service \`${diagnostic.service}\` carries RoCEv2 and this rule opens it one way only`,
        underline: "RDMA acknowledgements travel to UDP port 4791 too",
        help: "write `<->` instead of `->`",
      };
    case "one-way-roce-all":
      return {
        message: "`all` includes RoCEv2 and this rule opens it one way only",
        underline: "RDMA acknowledgements travel to UDP port 4791 too",
        help: "write `<->` instead of `->`, or name the services",
      };
    case "all-beside-narrower":
      return {
        message: `\`all\` beside something narrower: a pod of \`${diagnostic.pod}\` can make a megaflow for each IP protocol and destination`,
        underline: "the IP protocol cannot be masked in OpenFlow",
        help: "name the services instead of `all`; over IPv4 it also helps to keep the two on rails of their own",
      };
    case "expired-rule":
      return {
        message: `this rule ended on ${diagnostic.until}`,
        underline: `today is ${diagnostic.today}`,
        help: "remove the rule, or give it a later day",
      };
    case "expires-soon":
      return {
        message:
          diagnostic.days === 0
            ? "this rule ends today"
            : `this rule ends in ${diagnostic.days} ${diagnostic.days === 1 ? "day" : "days"}`,
        underline: `today is ${diagnostic.today}`,
      };
    case "not-offloadable":
      return {
        message: `service \`${diagnostic.service}\` cannot be carried in hardware: the offload path matches no SCTP ports`,
        help: "take the SCTP port out of the service",
      };
    case "failing-test":
      return describeFailingTest(diagnostic);
    case "test-too-wide":
      return {
        message: `test \`${diagnostic.title}\` asks about too many kinds of namespaces of tenant \`${diagnostic.tenant}\``,
        help: "let rules and tests name fewer of its namespaces by patterns that begin with `*`",
      };
    case "over-budget":
    case "unknown-test-node":
      return describeCost(diagnostic);
    case "inventory-json":
    case "duplicate-key":
    case "inventory-shape":
    case "duplicate-address":
    case "duplicate-representor":
    case "duplicate-mac":
    case "address-outside-subnets":
    case "unknown-node":
    case "unknown-inventory-rail":
    case "endpoint-incomplete":
    case "unclaimed-namespace":
      return describeInventory(diagnostic);
  }
}

export function describeLabel(role: LabelRole): string {
  switch (role) {
    case "first-here":
      return "first here";
    case "same-name-here":
      return "the same name here";
    case "claimed-here":
      return "claimed here";
    case "overlaps-this":
      return "overlaps this";
    case "decided-by-this-rule":
      return "this rule allows it";
    case "denied-by-this-rule":
      return "this rule denies it";
    case "imported-here":
      return "used here";
    case "opened-here":
      return "opened here";
    case "used-here":
      return "used here";
    case "defined-here":
      return "defined here";
    case "costs-most":
      return "costs most";
    case "narrower-here":
      return "narrower here";
    case "takes-out-here":
      return "this takes something out of it";
    case "only-answered-here":
      return "towards some it may only answer";
  }
}

function describeFailingTest(failure: Extract<Diagnostic, { code: "failing-test" }>): Description {
  const connection = `${failure.opener} -> ${failure.answerer} : ${failure.traffic} on ${failure.rail}`;
  switch (failure.why) {
    case "no-rule-allows":
      return {
        message: `test \`${failure.title}\` fails: no rule allows ${connection}`,
        underline: "expected to be open",
      };
    case "a-rule-denies":
      return {
        message: `test \`${failure.title}\` fails: a rule denies ${connection}`,
        underline: "expected to be open",
      };
    case "a-rule-allows":
      return {
        message: `test \`${failure.title}\` fails: a rule allows ${connection}`,
        underline: "expected to be closed",
      };
    case "another-reason":
      return {
        message: `test \`${failure.title}\` fails: ${connection} is decided for another reason`,
        underline:
          failure.reason === undefined
            ? `no rule says \`${failure.expectedReason ?? ""}\``
            : `the rule says \`${failure.reason}\``,
      };
  }
}

function chain(path: readonly string[]): string {
  return path.map((name) => `\`${name}\``).join(" -> ");
}
