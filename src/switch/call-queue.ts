/** Runs calls one after the other, in the order in which they were made. */

export class CallQueue {
  private last: Promise<unknown> = Promise.resolve();

  run<T>(call: () => Promise<T>): Promise<T> {
    const result = this.last.then(call, call);
    this.last = result.catch(() => "told to its own caller");
    return result;
  }
}
