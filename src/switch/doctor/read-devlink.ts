/** eSwitches and their ports, as `devlink -j` prints them (devlink-dev(8), devlink-port(8)). */

import { z } from "zod";
import { type Fact, mapFact, present, readFact } from "../../verify/doctor/fact.js";
import type { DevlinkPort, Eswitch } from "../../verify/doctor/node-facts.js";
import type { NodeSource } from "./node-source.js";
import { parsedJson } from "./ovsdb-table.js";

const devices = z.object({ dev: z.record(z.string(), z.unknown()) });
const eswitch = z.object({
  dev: z.record(
    z.string(),
    z.object({
      mode: z.string().optional(),
      "inline-mode": z.string().optional(),
      "encap-mode": z.string().optional(),
    }),
  ),
});
const ports = z.object({
  port: z.record(
    z.string(),
    z.object({
      netdev: z.string().optional(),
      flavour: z.string().optional(),
      function: z.object({ hw_addr: z.string().optional() }).optional(),
    }),
  ),
});
const parameter = z.object({
  param: z.record(
    z.string(),
    z.array(z.object({ values: z.array(z.object({ value: z.union([z.string(), z.boolean()]) })) })),
  ),
});

export async function readEswitches(source: NodeSource): Promise<Fact<readonly Eswitch[]>> {
  const list = readFact(
    withoutDevlink(await source.command("devlink", "-j", "dev", "show")),
    "devlink -j dev show",
    (text) =>
      // a kernel without any devlink device prints nothing
      text.trim() === "" ? [] : keysOf(devices.safeParse(parsedJson(text)).data?.dev),
  );
  if (list.state !== "present") return list;
  const eswitches: Eswitch[] = [];
  // auxiliary devices (SFs) have no eSwitch of their own
  for (const handle of list.value.filter((one) => !one.startsWith("auxiliary/")).sort())
    eswitches.push(await readEswitch(source, handle));
  return present(eswitches);
}

async function readEswitch(source: NodeSource, handle: string): Promise<Eswitch> {
  const words = ["devlink", "-j", "dev", "eswitch", "show", handle] as const;
  const shown = readFact(
    await source.command(...words),
    words.join(" "),
    (text) => eswitch.safeParse(parsedJson(text)).data?.dev[handle],
  );
  const { "inline-mode": inlineMode, "encap-mode": encapMode } =
    shown.state === "present" ? shown.value : {};
  return {
    handle,
    mode: readFact(shown, words.join(" "), ({ mode }) => mode),
    ...(inlineMode === undefined ? {} : { inlineMode }),
    ...(encapMode === undefined ? {} : { encapMode }),
    steeringMode: await readSteering(source, handle),
  };
}

async function readSteering(source: NodeSource, handle: string): Promise<Fact<string>> {
  const name = "flow_steering_mode";
  const words = ["devlink", "-j", "dev", "param", "show", handle, "name", name] as const;
  const shown = await source.command(...words);
  // other drivers than mlx5 do not know it
  if (shown.state === "unreadable" && shown.obstacle.kind === "failed") return { state: "absent" };
  return readFact(shown, words.join(" "), (text) => {
    const [first] = parameter.safeParse(parsedJson(text)).data?.param[handle] ?? [];
    const value = first?.values[0]?.value;
    return value === undefined ? undefined : String(value);
  });
}

export async function readDevlinkPorts(
  source: NodeSource,
): Promise<Fact<ReadonlyMap<string, DevlinkPort>>> {
  const words = ["devlink", "-j", "port", "show"] as const;
  const shown = readFact(withoutDevlink(await source.command(...words)), words.join(" "), (text) =>
    text.trim() === "" ? {} : ports.safeParse(parsedJson(text)).data?.port,
  );
  return mapFact(shown, (found) => {
    const byNetdev = new Map<string, DevlinkPort>();
    for (const port of Object.values(found)) {
      if (port.netdev === undefined) continue;
      const functionMac = port.function?.hw_addr;
      byNetdev.set(port.netdev, {
        flavour: port.flavour ?? "",
        ...(functionMac === undefined ? {} : { functionMac }),
      });
    }
    return byNetdev;
  });
}

/** A kernel without CONFIG_NET_DEVLINK has no such devices, and says so in these words of devlink's. */
function withoutDevlink(answer: Fact<string>): Fact<string> {
  const words = answer.state === "unreadable" ? (answer.obstacle.words ?? "") : "";
  return /Failed to connect to devlink/.test(words) ? present("") : answer;
}

function keysOf(value: object | undefined): string[] | undefined {
  return value === undefined ? undefined : Object.keys(value);
}
