/**
 * The number of flows on all bridges of an Open vSwitch, which is cheap to ask for: while it is as expected, nobody has
 * added or deleted flows behind our back.
 */
export class FlowTotal {
  /** Goes up when the number was not as expected: then each bridge must be counted before it is trusted again. */
  era = 0;
  private expected: number | undefined;

  observe(total: number | undefined): void {
    if (total === undefined || total !== this.expected) this.era++;
    this.expected = total;
  }

  /** What the next observation should find. */
  expect(total: number | undefined, change: number): void {
    this.expected = total === undefined ? undefined : total + change;
  }
}
