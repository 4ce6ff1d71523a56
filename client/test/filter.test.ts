import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import {
  type Answer,
  CatalogueFilter,
  type Change,
  type Failure,
  filterOf,
  type Query,
  runsSimd,
} from "../src/filter.ts";

interface Asked {
  query: Query;
  answer: unknown;
}
const vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/filter.json", import.meta.url), "utf8"),
) as { image: string; before: Asked[]; changes: Change[]; after: Asked[] };

const dist = new URL("../../components-go/dist/", import.meta.url);
const modules = Object.fromEntries(
  ["filter", "filter-simd"].map((name) => [
    name,
    new WebAssembly.Module(readFileSync(new URL(`${name}.wasm`, dist))),
  ]),
);

function image(): ArrayBuffer {
  const bytes = vectors.image.match(/../g)!.map((byte) => parseInt(byte, 16));
  return new Uint8Array(bytes).buffer;
}

function opened(module: WebAssembly.Module): CatalogueFilter {
  const filter = filterOf(module, image());
  if (!(filter instanceof CatalogueFilter)) throw new Error(filter.message);
  return filter;
}

/** An answer as the vectors write it. */
const written = (answer: Answer | Failure): unknown =>
  "failed" in answer
    ? answer
    : {
        total: answer.total,
        groups: [...answer.groups],
        counts: answer.counts.map((counts) => [...counts]),
        bounds: answer.bounds.map((bound) => bound ?? null),
      };

const all: Query = { count: [0, 1, 2], bounds: [0], take: 60 };

for (const [name, module] of Object.entries(modules)) {
  describe(name, () => {
    test("answers are those of a scan, before changes and after", () => {
      const filter = opened(module);
      for (const { query, answer } of vectors.before)
        expect(written(filter.query(query))).toEqual(answer);
      expect(filter.apply(vectors.changes)).toBeUndefined();
      for (const { query, answer } of vectors.after)
        expect(written(filter.query(query))).toEqual(answer);
    });

    test("a query of what there is not is an error, and the next one is answered", () => {
      const filter = opened(module);
      const wrong: Query[] = [
        { count: [3] },
        { required: [2] },
        { base: { set: 2 } },
        { base: { groups: [60] } },
        { chosen: [{ facet: 0, values: [5] }] },
        { ranges: [{ column: 2, from: 0, to: 1 }] },
        { order: 2, take: 1 },
        { skip: -1 },
        { take: 0.5 },
        { take: 2 ** 32 },
        { required: [NaN] },
      ];
      for (const query of wrong)
        expect(filter.query(query), JSON.stringify(query)).toMatchObject({ failed: "invalid" });
      const reversed = filter.query({ ranges: [{ column: 0, from: 9, to: 3 }] });
      expect(reversed).toMatchObject({ total: 0 });
      expect(filter.query({ order: 1, skip: 1000, take: 24 })).toMatchObject({ total: 60 });
    });

    test("of changes of which one is invalid none is made", () => {
      const filter = opened(module);
      const before = written(filter.query(all));
      const good: Change = { order: 0, groups: Array.from({ length: 60 }, (_, at) => 59 - at) };
      const wrong: Change[] = [
        { set: 2, row: 0, on: true },
        { set: 0, row: filter.shape.rows, on: true },
        { column: 0, row: 0, rank: 50 },
        { order: 0, groups: Array.from({ length: 60 }, () => 0) },
      ];
      for (const change of wrong)
        expect(filter.apply([good, change])).toMatchObject({ failed: "invalid" });
      expect(written(filter.query(all))).toEqual(before);
    });

    test("after a trap another instance has the image and all changes", () => {
      const { Instance } = WebAssembly;
      let traps = false;
      // Making an instance takes 10 ms, and nothing else takes time.
      let now = 0;
      const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
      WebAssembly.Instance = class {
        readonly exports: WebAssembly.Exports;
        constructor(module: WebAssembly.Module, imports: WebAssembly.Imports) {
          now += 10;
          const { exports } = new Instance(module, imports);
          const query = exports["filter_query"] as (words: number) => number;
          const filter_query = (words: number): number => {
            if (traps) throw new WebAssembly.RuntimeError("unreachable");
            return query(words);
          };
          this.exports = { ...exports, filter_query };
        }
      } as typeof WebAssembly.Instance;
      try {
        const filter = opened(module);
        filter.apply(vectors.changes);
        traps = true;
        expect(filter.query(all)).toMatchObject({ failed: "trap" });
        traps = false;
        for (const { query, answer } of vectors.after)
          expect(written(filter.query(query))).toEqual(answer);
        traps = true;
        expect(filter.query(all)).toMatchObject({ failed: "trap" });
        traps = false;
        now += 89;
        expect(filter.query(all)).toMatchObject({ failed: "rest" });
        now += 1;
        expect(filter.query(all)).toMatchObject({ total: 60 });
      } finally {
        clock.mockRestore();
        WebAssembly.Instance = Instance;
      }
    });

    test("an image that is cut off, of another format or damaged is refused", () => {
      const change = (at: number): ArrayBuffer => {
        const bytes = new Uint8Array(image());
        bytes[at]! ^= 1;
        return bytes.buffer;
      };
      const { byteLength } = image();
      for (const bytes of [
        new ArrayBuffer(0),
        image().slice(0, byteLength - 16),
        image().slice(0, 100),
        change(4),
        change(byteLength / 2),
        change(byteLength - 1),
      ])
        expect(filterOf(module, bytes)).toMatchObject({ failed: "image" });
    });
  });
}

test("SIMD is found where the module with SIMD is valid", () => {
  const bytes = readFileSync(new URL("filter-simd.wasm", dist));
  expect(runsSimd()).toBe(WebAssembly.validate(bytes));
});
