/** Appends numbers in network byte order (most significant byte first) to bytes that grow. */

export class WireWriter {
  private bytes = new Uint8Array(4096);
  private view = new DataView(this.bytes.buffer);
  private end = 0;

  /** How many bytes there are: also the place of the next one. */
  get length(): number {
    return this.end;
  }

  /** `width` bytes of an unsigned number. */
  number(value: number, width: 1 | 2 | 4): void {
    this.reserve(width);
    if (width === 1) this.view.setUint8(this.end, value);
    else if (width === 2) this.view.setUint16(this.end, value);
    else this.view.setUint32(this.end, value);
    this.end += width;
  }

  /** Any even width, or 1. */
  bits(value: bigint, width: number): void {
    if (width > 8) {
      this.bits(value >> 64n, width - 8);
      this.bits(value & 0xffffffffffffffffn, 8);
    } else if (width === 8) {
      this.reserve(8);
      this.view.setBigUint64(this.end, value);
      this.end += 8;
    } else {
      // exact: a double has 53 bits
      const number = Number(value);
      if (width === 6) this.number(Math.floor(number / 2 ** 32), 2);
      this.number(number % 2 ** 32, width === 6 ? 4 : (width as 1 | 2 | 4));
    }
  }

  zeros(count: number): void {
    this.reserve(count);
    this.bytes.fill(0, this.end, this.end + count);
    this.end += count;
  }

  /** Zeros until what began at `start` is a multiple of eight bytes long. */
  padToEight(start: number): void {
    this.zeros((8 - ((this.end - start) % 8)) % 8);
  }

  /** Overwrites two bytes: a length that is known only later. */
  setLength(at: number, value: number): void {
    this.view.setUint16(at, value);
  }

  /** Forgets what was written from `length` on. */
  truncate(length: number): void {
    this.end = length;
  }

  /** All bytes so far; the writer is empty then. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.end);
    this.end = 0;
    return taken;
  }

  private reserve(count: number): void {
    if (this.end + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.end + count));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}
