/**
 * What ovs-vswitchd's log says of offload. A refusal is told by one thread in consecutive lines: the cause (TC's layer in
 * OVS, or the answer of kernel and driver), `failed to offload flow`, which names the port, and at debug level the flow
 * that went into the kernel's datapath instead (lib/dpif-netlink.c: try_send_to_netdev, parse_flow_put).
 */

export interface LoggedRefusal {
  /** Whole lines, as they stand in the log. */
  readonly lines: readonly string[];
  /** As the log has it; undefined in lines of other shapes. */
  readonly time: string | undefined;
  /** What the C library says of the error: `No space left on device`. */
  readonly error: string;
  readonly device: string;
  readonly ufid?: string;
  readonly cause?: RefusalCause;
}

export interface RefusalCause {
  /** `tc`: OVS's own TC layer would not express it. `driver`: kernel or driver answered the request. */
  readonly by: "tc" | "driver";
  readonly message: string;
}

interface Line {
  readonly text: string;
  readonly time: string;
  readonly module: string;
  readonly thread: string;
  readonly message: string;
}

// 2026-11-23T15:00:21.803Z|00228|dpif_netlink(handler1)|DBG|failed to offload flow: …
const lineShape = /^([^|]*)\|[^|]*\|([^|(]*)(?:\(([^|)]*)\))?\|[A-Z]+\|(.*)$/;

/** Since the last start of ovs-vswitchd; of each flow the last one. */
export function readRefusals(text: string): readonly LoggedRefusal[] {
  const refusals = new Map<string, LoggedRefusal>();
  const threads = new Map<string, Thread>();
  let unnamed = 0;
  const keep = (refusal: LoggedRefusal | undefined) => {
    if (refusal === undefined) return;
    const key =
      refusal.ufid ?? `${refusal.device} ${refusal.error} ${refusal.cause?.message ?? unnamed++}`;
    refusals.delete(key);
    refusals.set(key, refusal);
  };
  for (const line of linesOf(text)) {
    // what an earlier process was refused may have been under other settings
    if (line.module === "vlog" && line.message.startsWith("opened log file")) {
      refusals.clear();
      threads.clear();
    }
    const thread = threads.get(line.thread) ?? new Thread();
    threads.set(line.thread, thread);
    keep(thread.take(line));
  }
  for (const thread of threads.values()) keep(thread.end());
  return [...refusals.values()];
}

/** One thread's lines: several threads write between each other's. */
class Thread {
  #cause: { readonly line: Line; readonly cause: RefusalCause } | undefined;
  #refusal: LoggedRefusal | undefined;

  /** A refusal that is complete with this line. */
  take(line: Line): LoggedRefusal | undefined {
    const { module, message } = line;
    const failed = /^failed to offload flow: (.*): (\S+)$/.exec(message);
    if (failed !== null) {
      const before = this.end();
      const [, error = "", device = ""] = failed;
      this.#refusal = {
        lines: [...(this.#cause === undefined ? [] : [this.#cause.line.text]), line.text],
        time: line.time,
        error,
        device,
        ...(this.#cause === undefined ? {} : { cause: this.#cause.cause }),
      };
      this.#cause = undefined;
      return before;
    }
    const put = /\bput(?:\[\w+\])+ .*?ufid:([0-9a-f-]{36})/.exec(message)?.[1];
    if (put !== undefined) {
      // it is told after each flow, refused or not: what was said before is not of the next one
      this.#cause = undefined;
      const refusal = this.end();
      return refusal === undefined ? undefined : { ...refusal, ufid: put };
    }
    const cause = causeIn(module, message);
    if (cause !== undefined) this.#cause = { line, cause };
    return undefined;
  }

  end(): LoggedRefusal | undefined {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    return refusal;
  }
}

// ENOENT, EEXIST and ENODEV answer questions that OVS asks without need of a yes
const harmless = new Set(["2", "17", "19"]);

function causeIn(module: string, message: string): RefusalCause | undefined {
  // to OVS 3.6, and from 3.7 on
  if (module === "netdev_offload_tc" || module === "dpif_offload_tc_netdev")
    return /isn't supported|unsupported|[Cc]an't |Can only|exceeds|couldn't|mismatch|failed due|not supported|too many/.test(
      message,
    )
      ? { by: "tc", message }
      : undefined;
  const answer = /^received NAK error=(\d+) (?:- (.*)|\((.*)\))$/.exec(message);
  if (module !== "netlink_socket" || answer === null || harmless.has(answer[1] ?? ""))
    return undefined;
  return { by: "driver", message: answer[2] ?? answer[3] ?? "" };
}

function* linesOf(text: string): Generator<Line> {
  for (const line of text.split(/\r?\n/)) {
    const [, time, module, thread = "", message] = lineShape.exec(line) ?? [];
    if (time !== undefined && module !== undefined && message !== undefined)
      yield { text: line, time, module, thread, message };
  }
}
