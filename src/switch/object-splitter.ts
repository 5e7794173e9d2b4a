/** Cuts a stream of JSON objects that follow one another without separators. */

export class ObjectSplitter {
  private pieces: string[] = [];
  private depth = 0;
  private inString = false;
  private escaped = false;

  /** The objects that end in this chunk. */
  push(chunk: string): readonly string[] {
    const objects: string[] = [];
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.inString) {
        at = this.skipString(chunk, at);
        continue;
      }
      const character = chunk[at++];
      if (character === '"') this.inString = true;
      else if (character === "{" || character === "[") this.depth++;
      else if ((character === "}" || character === "]") && --this.depth === 0) {
        objects.push(this.pieces.join("") + chunk.slice(start, at));
        this.pieces = [];
        start = at;
      }
    }
    this.pieces.push(chunk.slice(start));
    return objects;
  }

  // A dump is one string of many megabytes: jump from one quote or backslash to the next.
  private skipString(chunk: string, from: number): number {
    let at = from;
    while (at < chunk.length) {
      if (this.escaped) {
        this.escaped = false;
        at++;
        continue;
      }
      quoteOrBackslash.lastIndex = at;
      const found = quoteOrBackslash.exec(chunk);
      if (found === null) return chunk.length;
      at = found.index + 1;
      if (found[0] === "\\") this.escaped = true;
      else {
        this.inString = false;
        return at;
      }
    }
    return at;
  }
}

const quoteOrBackslash = /["\\]/g;
