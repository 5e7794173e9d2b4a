/** Why a call of the Fence was refused; the fence stands as it stood before the call. */

import type { Diagnostic } from "../text/diagnostic.js";
import { SwitchError } from "./errors.js";

export type FenceErrorKind =
  /** The policy, the inventory or the endpoint is wrong: see `diagnostics`. */
  | "rejected"
  | "unknown-node"
  | "unknown-rail"
  /** No such endpoint is attached. */
  | "unknown-endpoint"
  /** Open vSwitch: see `switchError`. */
  | "switch"
  | "closed";

export interface FenceErrorDetails {
  readonly kind: FenceErrorKind;
  readonly message: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly cause?: unknown;
}

export class FenceError extends Error {
  override readonly name = "FenceError";
  readonly kind: FenceErrorKind;
  readonly diagnostics: readonly Diagnostic[];

  constructor(details: FenceErrorDetails) {
    super(details.message, details.cause === undefined ? {} : { cause: details.cause });
    this.kind = details.kind;
    this.diagnostics = details.diagnostics ?? [];
  }

  get switchError(): SwitchError | undefined {
    return this.cause instanceof SwitchError ? this.cause : undefined;
  }
}

/** A SwitchError as a FenceError; anything else (a defect) as it is. */
export function fenceErrorOf(error: unknown): unknown {
  return error instanceof SwitchError
    ? new FenceError({ kind: "switch", message: error.message, cause: error })
    : error;
}
