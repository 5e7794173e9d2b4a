/**
 * `verify --watch` beside live traffic, while a port's offload goes off and on again; what `--wait` and `--metrics` say
 * at the same times.
 */

import { get } from "node:http";
import type { Box } from "./box.js";
import { type Answer, type Running, railfence, start } from "./railfence.js";
import { sh, sleep } from "./shell.js";
import { converse } from "./traffic.js";
import { inventoryFile, node, policyFile, type World } from "./world.js";

export interface Watched {
  /** What --watch printed, a JSON document a line, before, during and after the fault. */
  readonly lines: Readonly<Record<Phase, readonly string[]>>;
  /** `--wait` for the connection that falls out, while it is out and when it may return. */
  readonly waits: Readonly<Record<"out" | "back", Answer>>;
  /** What GET /metrics answered. */
  readonly served: Readonly<Record<Phase | "afterwards", string>>;
  /** How --watch ended when it was interrupted. */
  readonly ending: Answer;
}

type Phase = "before" | "out" | "back";

const rail = "pf1";
const port = 9477;
const about = [policyFile, "--inventory", inventoryFile, "--node", node, "--rail", rail];

export async function watchThroughFault(box: Box, world: World): Promise<Watched> {
  await box.appctl("revalidator/purge");
  const traffic = keepTalking(world);
  await traffic.everybodySpoke();
  const words = ["--watch", "--format", "json", "--metrics", String(port)];
  const running = start("verify", ...about, ...words);
  const wait = (time: string) =>
    railfence(
      ...["verify", ...about, "--wait", time],
      ...["--connection", "search-train/worker-0->10.102.0.17:roce"],
    );

  await nextReading(running);
  const before = { lines: linesOf(running), served: await scrape() };
  await switchOffload(box, "off");
  await told(running, before.lines.length, "fell-out");
  box.say("verify --watch told that a connection fell out of hardware");
  const out = { lines: linesOf(running), served: await scrape() };
  const waitOut = await wait("1s");

  await nextReading(running);
  await switchOffload(box, "on");
  const waitBack = await wait("60s");
  await told(running, out.lines.length, "returned");
  box.say("verify --watch told that it returned");
  const back = { lines: linesOf(running), served: await scrape() };

  running.interrupt();
  const ending = await running.answer;
  await traffic.stop();
  return {
    lines: {
      before: before.lines,
      out: out.lines.slice(before.lines.length),
      back: back.lines.slice(out.lines.length),
    },
    waits: { out: waitOut, back: waitBack },
    served: {
      ...{ before: before.served, out: out.served, back: back.served },
      afterwards: await scrape(),
    },
    ending,
  };
}

/** RoCEv2 between all who may, again and again. */
function keepTalking(world: World) {
  let isOver = false;
  let rounds = 0;
  const speaking = (async () => {
    while (!isOver) {
      await converse(world, { rails: [rail], kinds: ["roce"], families: [0], count: 3 });
      rounds++;
    }
  })();
  return {
    /** From now on, once. */
    everybodySpoke: async () => {
      const wanted = rounds + 2;
      while (rounds < wanted) await sleep(50);
    },
    stop: async () => {
      isOver = true;
      await speaking;
    },
  };
}

/**
 * Filters that are in the NIC stay there; what is made from now on is made without it, or with it. Right after a
 * reading: when the next one comes, all have their megaflows again.
 */
async function switchOffload(box: Box, state: "on" | "off"): Promise<void> {
  await sh(`ethtool -K pf1vf0 hw-tc-offload ${state}`);
  await box.appctl("revalidator/purge");
}

/** Waits until --watch has read the switch once more. */
async function nextReading(running: Running): Promise<void> {
  const readAt = async () =>
    /^railfence_last_read_timestamp_seconds (\S+)/m.exec(await scrape())?.[1];
  const before = await readAt();
  for (let waited = 0; waited < 600; waited++) {
    const now = await readAt();
    if (now !== undefined && now !== before) return;
    await sleep(50);
  }
  throw new Error(`verify --watch reads no more; it printed:\n${running.printed()}`);
}

async function told(running: Running, known: number, kind: string): Promise<void> {
  for (let waited = 0; waited < 600; waited++) {
    if (
      linesOf(running)
        .slice(known)
        .some((line) => line.includes(`"kind":"${kind}"`))
    )
      return;
    await sleep(50);
  }
  throw new Error(
    `verify --watch tells of nothing that ${kind}; it printed:\n${running.printed()}`,
  );
}

function linesOf(running: Running): string[] {
  return running
    .printed()
    .split("\n")
    .filter((line) => line !== "");
}

/**
 * The status and the text, or the error's code. On a connection of its own: one that was kept alive (Node's default) is
 * reset where a closed port refuses.
 */
function scrape(): Promise<string> {
  return new Promise((fulfil) => {
    const where = { host: "127.0.0.1", port, path: "/metrics", agent: false };
    const request = get(where, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => fulfil(`${response.statusCode}\n${text}`));
    });
    request.on("error", (error: NodeJS.ErrnoException) => fulfil(error.code ?? error.message));
  });
}
