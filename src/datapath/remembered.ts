/** Readings of short texts that stand in many lines of a dump alike. */

/** More distinct ones than a node's ports and services make; beyond, remembering costs more than reading again. */
const most = 4096;

export class Remembered<T> {
  private readonly readings = new Map<string, T>();

  get(text: string): T | undefined {
    return this.readings.get(text);
  }

  set(text: string, reading: T): void {
    if (this.readings.size < most) this.readings.set(text, reading);
  }
}
