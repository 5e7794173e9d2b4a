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

  // A dump is one string of many megabytes: nothing but its end matters, and what a backslash hides.
  private skipString(chunk: string, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (this.escaped) this.escaped = false;
      else if (code === backslash) this.escaped = true;
      else if (code === quote) {
        this.inString = false;
        return at + 1;
      }
    }
    return chunk.length;
  }
}

const quote = 34;
const backslash = 92;
