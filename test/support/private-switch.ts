/** A private Open vSwitch for a test file: skipped with the reason where it is not installed, a failure in CI. */

import { spawnSync } from "node:child_process";
import { afterAll, describe } from "vitest";
import {
  type PrivateSwitch,
  type PrivateSwitchOptions,
  startPrivateSwitch,
} from "../../src/switch/private-switch.js";

const path = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;
const found = spawnSync("ovs-vswitchd", ["--version"], { env: { PATH: path } }).error === undefined;

/** `describe` for tests that need Open vSwitch. */
export function describeWithOpenVswitch(name: string, body: () => void): void {
  if (found) describe(name, body);
  else if (process.env["CI"] === "true")
    throw new Error(`${name}: ovs-vswitchd is not installed, and CI must not skip this`);
  else
    describe.skip(`${name} (skipped: ovs-vswitchd of openvswitch-switch is not installed)`, body);
}

const started: PrivateSwitch[] = [];

// every file that imports this helper has its own copy of it
afterAll(async () => {
  await Promise.all(started.map((each) => each.stop()));
});

/** Stopped when the test file ends, whatever happens; stop it earlier where a switch is needed for one test only. */
export async function testSwitch(options: PrivateSwitchOptions): Promise<PrivateSwitch> {
  const result = await startPrivateSwitch(options);
  started.push(result);
  return result;
}
