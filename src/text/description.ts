/** Wording: begins lower case, no full stop, no line break, the user's text in backticks. */
export interface Description {
  readonly message: string;
  /** Stands beside the carets. */
  readonly underline?: string;
  readonly help?: string;
}
