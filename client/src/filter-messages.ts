/** Messages to the filter's module and its answers: words of 32 bits, as docs/filter.md says. */
import type { Shape } from "./filter-shape.ts";

/** A question. All its conditions must be met by one and the same row of a group. */
export interface Query {
  /** What it begins from: the rows of a set, or of these groups in ascending order; or all rows. */
  base?: { set: number } | { groups: readonly number[] };
  /** Sets that a row must be in. */
  required?: readonly number[];
  /** Values of facets, each facet at most once: a row must have one of them. */
  chosen?: readonly { facet: number; values: readonly number[] }[];
  /** Ranges of ranks, both ends included, each column at most once. */
  ranges?: readonly { column: number; from: number; to: number }[];
  /** The facets whose values are counted, each without what is chosen of itself. */
  count?: readonly number[];
  /** The columns whose lowest and highest rank is wanted, each without its own range. */
  bounds?: readonly number[];
  /** The order of the groups, which may be read from its end. */
  order?: number;
  reversed?: boolean;
  /** Groups to leave out at the beginning, and groups of the answer at most. */
  skip?: number;
  take?: number;
}

export interface Answer {
  /** How many groups were found. */
  total: number;
  /** Those of the page, in order. */
  groups: Uint32Array;
  /** For each facet of `count`, by value: the groups that are found with it. */
  counts: Uint32Array[];
  /** For each column of `bounds`: the lowest and the highest rank of the rows that are found. */
  bounds: ([number, number] | undefined)[];
}

/** A row joins a set or leaves it; a row gets another rank; an order is replaced. */
export type Change =
  | { set: number; row: number; on: boolean }
  | { column: number; row: number; rank: number }
  | { order: number; groups: readonly number[] };

const SET = 1;
const RANK = 2;
const ORDER = 3;

/** The words of a query. Nothing: one of its numbers does not fit. */
export function queryWords(query: Query): number[] | undefined {
  const { base, required = [], chosen = [], ranges = [], count = [], bounds = [] } = query;
  const groups = base && "groups" in base ? base.groups : [];
  const words = [
    !base ? 0 : "set" in base ? 1 : 2,
    base && "set" in base ? base.set : groups.length,
    required.length,
    chosen.length,
    ranges.length,
    count.length,
    bounds.length,
    query.order ?? 0,
    query.reversed ? 1 : 0,
    query.skip ?? 0,
    query.take ?? 0,
    ...groups,
    ...required,
    ...chosen.flatMap(({ facet, values }) => [facet, values.length, ...values]),
    ...ranges.flatMap(({ column, from, to }) => [column, from, to]),
    ...count,
    ...bounds,
  ];
  return words.every((word) => word >>> 0 === word) ? words : undefined;
}

/** The answer in these words. */
export function answerOf(words: Uint32Array, { count = [], bounds = [] }: Query): Answer {
  let at = 1;
  const list = (): Uint32Array => words.subarray(at + 1, (at += 1 + words[at]!));
  return {
    total: words[0]!,
    groups: list(),
    counts: count.map(list),
    bounds: bounds.map(() => {
      const [low, high] = [words[at++]!, words[at++]!];
      return low <= high ? [low, high] : undefined;
    }),
  };
}

/** The words of a change that was checked. */
export function changeWords(change: Change, shape: Shape): number[] {
  if ("set" in change) return [SET, change.set, shape.slot_(change.row), Number(change.on)];
  if ("column" in change) return [RANK, change.column, shape.slot_(change.row), change.rank];
  return [ORDER, change.order, ...change.groups];
}

/** What a change changes: a later one replaces it. */
export function changeKey(change: Change): string {
  if ("set" in change) return `set ${change.set} ${change.row}`;
  if ("column" in change) return `rank ${change.column} ${change.row}`;
  return `order ${change.order}`;
}
