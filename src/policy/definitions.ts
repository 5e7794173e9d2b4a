/** Every name that the files define, each once. */

import type {
  GroupSentence,
  Name,
  Sentence,
  ServiceSentence,
  TenantSentence,
} from "../syntax/tree.js";
import type { NameKind } from "../text/diagnostic.js";
import type { Report } from "./report.js";

export interface Definitions {
  readonly rails: ReadonlyMap<string, Name>;
  readonly tenants: ReadonlyMap<string, TenantSentence>;
  readonly groups: ReadonlyMap<string, GroupSentence>;
  readonly services: ReadonlyMap<string, ServiceSentence>;
}

/** The first definition of a name counts; a second is reported, even where it says the same. */
export function collectDefinitions(sentences: readonly Sentence[], report: Report): Definitions {
  const rails = new Map<string, Name>();
  const tenants = new Map<string, TenantSentence>();
  const groups = new Map<string, GroupSentence>();
  const services = new Map<string, ServiceSentence>();
  const sides = new Map<string, Name>();
  const serviceNames = new Map<string, Name>();

  const isNew = (kind: NameKind, name: Name, taken: Map<string, Name>) => {
    const first = taken.get(name.text);
    if (first === undefined) {
      taken.set(name.text, name);
      return true;
    }
    const labels = [{ span: first.span, role: "first-here" as const }];
    report({ code: "duplicate-definition", kind, name: name.text, span: name.span, labels });
    return false;
  };

  for (const sentence of sentences)
    switch (sentence.kind) {
      case "rail":
        for (const name of sentence.names) isNew("rail", name, rails);
        break;
      case "tenant":
        if (isNew("tenant", sentence.name, sides)) tenants.set(sentence.name.text, sentence);
        break;
      case "group":
        if (isNew("group", sentence.name, sides)) groups.set(sentence.name.text, sentence);
        break;
      case "service":
        if (isNew("service", sentence.name, serviceNames))
          services.set(sentence.name.text, sentence);
        break;
      case "use":
      case "rule":
      case "test":
      case "budget":
        break;
    }
  return { rails, tenants, groups, services };
}
