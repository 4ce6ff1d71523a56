/** What an image says of itself: how many there are of everything, and where rows are. */
import type { Change } from "./filter-messages.ts";

/** Rows of a word. No group lies across two words, but those with more rows than one has. */
const WORD = 64;

/** A row without a rank in its column. */
export const NO_RANK = 0xffffffff;

export class Shape {
  readonly groups: number;
  readonly rows: number;
  readonly sets: number;
  readonly orders: number;
  /** How many ranks each column has. */
  readonly ranks: readonly number[];
  private slots_: Uint32Array | undefined;

  /** Of an image that the module has accepted. */
  constructor(private readonly image_: ArrayBuffer) {
    const head = new Uint32Array(image_, 0, 32);
    this.groups = head[8]!;
    this.rows = head[9]!;
    this.sets = head[13]!;
    this.orders = head[17]!;
    const columns = new Uint32Array(image_, head[16], head[15]! * 4);
    this.ranks = [...columns.filter((_, at) => at % 4 == 2)];
  }

  /** Whether there is what a change names. */
  allows(change: Change): boolean {
    if ("order" in change)
      return this.has_(change.order, this.orders) && this.isOrder_(change.groups);
    if (!this.has_(change.row, this.rows)) return false;
    if ("set" in change) return this.has_(change.set, this.sets);
    const ranks = this.ranks[change.column];
    return ranks != undefined && (change.rank == NO_RANK || this.has_(change.rank, ranks));
  }

  /** The place of a row in the columns. */
  slot_(row: number): number {
    return (this.slots_ ??= this.places_())[row]!;
  }

  private has_(number: number, limit: number): boolean {
    return Number.isInteger(number) && number >= 0 && number < limit;
  }

  private isOrder_(groups: readonly number[]): boolean {
    const known = groups.every((group) => this.has_(group, this.groups));
    return known && groups.length == this.groups && new Set(groups).size == this.groups;
  }

  private places_(): Uint32Array {
    const head = new Uint32Array(this.image_, 0, 32);
    const sizes = new Uint8Array(this.image_, head[19], this.groups);
    const long = new Uint32Array(this.image_, head[21], head[20]);
    const places = new Uint32Array(this.rows);
    let row = 0;
    let next = 0;
    let longs = 0;
    for (const size of sizes) {
      const rows = size || long[longs++]!;
      if ((next % WORD) + rows > WORD) next = Math.ceil(next / WORD) * WORD;
      for (let i = 0; i < rows; i++) places[row++] = next++;
      if (rows > WORD) next = Math.ceil(next / WORD) * WORD;
    }
    return places;
  }
}
