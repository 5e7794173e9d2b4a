/** `describe` for tests that need the box: skipped with the reason where it cannot run, a failure in CI. */

import { describe } from "vitest";
import { whyNot } from "./readiness.js";

const reason = await whyNot();

export function describeInBox(name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else if (process.env["CI"] === "true")
    throw new Error(`${name}: ${reason}; CI must not skip this`);
  else describe.skip(`${name} (skipped: ${reason})`, body);
}
