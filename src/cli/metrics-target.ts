/** Where metrics go: a file that node_exporter's textfile collector picks up, or a port of this machine. */

import { rename, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { metricsType } from "../report/metrics.js";
import { exitCode } from "./exit-code.js";
import { Failure } from "./failure.js";
import { orFail } from "./files.js";

export interface MetricsTarget {
  readonly publish: (text: string) => Promise<void>;
  readonly close: () => void;
}

/** `--metrics` is a number, or a path. */
export function isPort(text: string): boolean {
  return /^\d+$/.test(text);
}

export async function openMetrics(where: string): Promise<MetricsTarget> {
  return isPort(where) ? serve(Number(where)) : { publish: toFile(where), close: () => undefined };
}

/** The collector reads whenever it likes: only a whole file may ever have that name. */
function toFile(path: string): (text: string) => Promise<void> {
  return async (text) => {
    const temporary = `${path}.${process.pid}`;
    await orFail(path, writeFile(temporary, text));
    await orFail(path, rename(temporary, path));
  };
}

async function serve(port: number): Promise<MetricsTarget> {
  let latest: string | undefined;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const isKnown = pathname === "/metrics" && (request.method ?? "GET") === "GET";
    if (!isKnown) response.writeHead(404).end("only GET /metrics\n");
    // nothing is known yet, and zeros would say that all is well
    else if (latest === undefined) response.writeHead(503).end("the switch was not read yet\n");
    else response.writeHead(200, { "Content-Type": metricsType }).end(latest);
  });
  await new Promise<void>((fulfil, reject) => {
    const fail = (error: Error) =>
      reject(
        new Failure(`cannot serve metrics on port ${port}: ${error.message}`, {
          exitCode: exitCode.couldNot,
          cause: error,
        }),
      );
    server.once("error", fail);
    // rules and addresses are nobody's business beyond this machine
    server.listen(port, "127.0.0.1", () => {
      server.removeListener("error", fail);
      fulfil();
    });
  });
  return {
    publish: async (text) => {
      latest = text;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
