/** First thing in the box: runs the scenario, writes down what it returned or how it failed. */

import { writeFileSync } from "node:fs";
import { Box } from "./box.js";

export type Scenario = (box: Box) => Promise<unknown>;

export async function runScenario(scenario: Scenario): Promise<void> {
  const box = new Box();
  let result: unknown;
  try {
    result = { value: (await scenario(box)) ?? null };
  } catch (error) {
    result = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  await box.keepLogs();
  writeFileSync("/run/box/result.json", `${JSON.stringify(result, undefined, 2)}\n`);
  // stations and daemons end with the box
  process.exit();
}
