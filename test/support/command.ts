/** Runs the command line in this process, as a program would see it. */

import { main } from "../../src/cli/main.js";

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface World {
  readonly environment?: Readonly<Record<string, string>>;
  readonly standardInput?: string;
  readonly today?: string;
  readonly colour?: boolean;
  /** A screen that results go to. */
  readonly screen?: { readonly rows: number; readonly columns: number };
  /** Given a function that interrupts the run, as SIGINT would; called when it can. */
  readonly onStart?: (interrupt: () => void) => void;
  /** Each piece of output, when it comes. */
  readonly onOutput?: (text: string) => void;
}

/** A day on which every sample holds. */
export const someDay = "2026-06-01";

export async function railfence(words: readonly string[], world: World = {}): Promise<Ended> {
  let out = "";
  let err = "";
  const colour = world.colour ?? false;
  const code = await main(words, {
    out: (text) => {
      out += text;
      world.onOutput?.(text);
    },
    err: (text) => {
      err += text;
    },
    colour: { out: colour, err: colour },
    environment: world.environment ?? {},
    today: () => world.today ?? someDay,
    standardInput: async () => world.standardInput ?? "",
    screen: () => world.screen,
    onInterrupt: (handler) => {
      world.onStart?.(handler);
      return () => undefined;
    },
  });
  return { code, out, err };
}
