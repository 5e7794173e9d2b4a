/** The words that the language keeps for itself. A test holds them equal to the grammar's. */

/** Those that begin a sentence, each with its rule in the grammar. */
export const openings: ReadonlyMap<string, string> = new Map([
  ["use", "Use"],
  ["rail", "Rail"],
  ["tenant", "Tenant"],
  ["group", "Group"],
  ["service", "Service"],
  ["allow", "Rule"],
  ["deny", "Rule"],
  ["test", "Test"],
  ["budget", "Budget"],
]);

/** Those after which a sentence goes on. */
export const unfinished: ReadonlySet<string> = new Set([
  ...openings.keys(),
  ...["across", "because", "can", "cannot", "each", "masks", "megaflows", "namespace", "network"],
  ...["on", "owner", "reach", "until", "with"],
]);

export const keywords: ReadonlySet<string> = new Set([
  ...unfinished,
  ...["all", "any", "itself", "rails"],
]);

/** Words that mean something in one place and may be names in every other. */
export const literals: ReadonlySet<string> = new Set([
  ...["tcp", "udp", "sctp", "icmp", "echo", "unreachable"],
  ...["fragmentation-needed", "time-exceeded", "parameter-problem"],
]);
