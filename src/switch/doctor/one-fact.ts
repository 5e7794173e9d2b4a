/** One fact that is made of many: it is known only if nothing of it was hidden. */

import { type Fact, present } from "../../verify/doctor/fact.js";

export class OneFact {
  private lost: Fact<never> | undefined;

  /** The part's value, if it is there; remembers the first part that could not be read. */
  part<T>(fact: Fact<T>): T | undefined {
    if (fact.state === "present") return fact.value;
    if (fact.state === "unreadable") this.lost ??= fact;
    return undefined;
  }

  whole<T>(value: T): Fact<T> {
    return this.lost ?? present(value);
  }
}
