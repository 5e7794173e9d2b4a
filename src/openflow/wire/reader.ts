/** Takes numbers in network byte order (most significant byte first) off the front of bytes. */

export class WireReader {
  private readonly view: DataView;
  private at: number;
  private readonly end: number;

  private constructor(view: DataView, start: number, end: number) {
    this.view = view;
    this.at = start;
    this.end = end;
  }

  static of({ buffer, byteOffset, byteLength }: Uint8Array): WireReader {
    return new WireReader(new DataView(buffer, byteOffset, byteLength), 0, byteLength);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.end - this.at;
  }

  /** `width` bytes as an unsigned number. @throws RangeError past the end, as all of these do */
  number(width: number): number {
    const at = this.take(width);
    switch (width) {
      case 1:
        return this.view.getUint8(at);
      case 2:
        return this.view.getUint16(at);
      case 4:
        return this.view.getUint32(at);
      case 6:
        // exact: a double has 53 bits
        return this.view.getUint16(at) * 0x1_0000_0000 + this.view.getUint32(at + 2);
      default:
        throw new RangeError(`a number of ${width} bytes`);
    }
  }

  bits(width: number): bigint {
    if (width < 8) return BigInt(this.number(width));
    const at = this.take(width);
    if (width === 8) return this.view.getBigUint64(at);
    if (width !== 16) throw new RangeError(`a number of ${width} bytes`);
    return (this.view.getBigUint64(at) << 64n) | this.view.getBigUint64(at + 8);
  }

  skip(count: number): void {
    this.take(count);
  }

  /** The next `length` bytes, to be read on their own. */
  part(length: number): WireReader {
    const start = this.take(length);
    return new WireReader(this.view, start, start + length);
  }

  private take(count: number): number {
    const { at } = this;
    if (count < 0 || at + count > this.end)
      throw new RangeError(`${count} bytes where ${this.left} are left`);
    this.at = at + count;
    return at;
  }
}
