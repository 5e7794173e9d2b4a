/**
 * What is known of flows by their place: two flows with the same table, priority and match cannot stand on one bridge
 * (OpenFlow 1.4, section 6.4). No key is built: a match is looked up as it is.
 */

export interface FlowPlace {
  readonly table: number;
  /** With its priority. */
  readonly match: string;
}

export class FlowMap<T> {
  size = 0;
  private readonly tables = new Map<number, Map<string, T>>();

  static of<P extends FlowPlace>(lines: Iterable<P>): FlowMap<P> {
    const map = new FlowMap<P>();
    for (const line of lines) map.set(line, line);
    return map;
  }

  get(place: FlowPlace): T | undefined {
    return this.tables.get(place.table)?.get(place.match);
  }

  has(place: FlowPlace): boolean {
    return this.tables.get(place.table)?.has(place.match) === true;
  }

  hasTable(table: number): boolean {
    return this.tables.has(table);
  }

  set(place: FlowPlace, value: T): void {
    let table = this.tables.get(place.table);
    if (table === undefined) {
      table = new Map();
      this.tables.set(place.table, table);
    }
    if (!table.has(place.match)) this.size++;
    table.set(place.match, value);
  }

  delete(place: FlowPlace): void {
    if (this.tables.get(place.table)?.delete(place.match) === true) this.size--;
  }

  *values(): Generator<T> {
    for (const table of this.tables.values()) yield* table.values();
  }
}
