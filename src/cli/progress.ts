/** Says on stderr what is being done, once it takes longer than a second. */

import type { Terminal } from "./terminal.js";

const patienceMs = 1_000;

export interface Progress {
  /** Begins a step; the one before it is over. `isLong`: it will not yield to a timer, so speak at once. */
  readonly step: (what: string, isLong?: boolean) => void;
  readonly end: () => void;
}

export function startProgress(terminal: Terminal): Progress {
  let timer: NodeJS.Timeout | undefined;
  let isSpeaking = false;
  const begun = performance.now();
  const say = (what: string) => {
    isSpeaking = true;
    terminal.err(`${what} ...\n`);
  };
  return {
    step: (what, isLong = false) => {
      clearTimeout(timer);
      if (isLong || isSpeaking || performance.now() - begun > patienceMs) say(what);
      else timer = setTimeout(say, patienceMs, what).unref();
    },
    end: () => clearTimeout(timer),
  };
}
