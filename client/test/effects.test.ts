import { expect, test, vi } from "vitest";
import type { Core } from "../src/core.ts";
import effects from "../src/effects.ts";
import { pick } from "../src/fields.ts";
import pageLifecycle from "../src/page-lifecycle.ts";
import timersOf from "../src/timers.ts";

test("only the declared fields of an answer are picked", () => {
  const answer = {
    count: 2,
    secret: "x",
    cart: { total: 5, token: "y" },
    lines: [{ id: 1, price: 3 }, { id: 2 }, "z"],
    tags: ["a", "b"],
  };
  expect(
    pick(answer, ["count", "cart.total", "lines[].id", "tags", "missing", "count.deeper"]),
  ).toEqual({
    count: null,
    cart: { total: 5 },
    lines: [{ id: 1 }, { id: 2 }, null],
    tags: ["a", "b"],
  });
});

test("an answer of another shape has no fields", () => {
  for (const answer of [null, 1, "x", [1], true]) expect(pick(answer, ["a", "b[].c"])).toEqual({});
  expect(pick({ a: [1], b: { c: 1 } }, ["a.b", "b[].c"])).toEqual({ a: null });
  expect(
    pick(JSON.parse('{"__proto__": {"x": 1}}'), ["__proto__.x", "constructor"]),
  ).not.toHaveProperty("constructor");
});

test("an effect of an unknown kind is skipped, and a failing one does not stop the others", () => {
  vi.stubGlobal("addEventListener", () => undefined);
  vi.stubGlobal("document", { addEventListener: () => undefined });
  const assign = vi.fn();
  vi.stubGlobal("location", { assign });
  const errors: unknown[] = [];
  const send = vi.fn();
  const timers = timersOf(send);
  const lifecycle = pageLifecycle(send, timers);
  const core = { blocks_: [] } as never as Core;
  effects(core, send, (error) => errors.push(error), timers, lifecycle).run_([
    [99, 1, ["later"]],
    [3, 0, ["/a", "replace"]],
    [3, 0, ["/b", "go"]],
  ]);
  vi.unstubAllGlobals();
  expect(errors).toHaveLength(1);
  expect(send).not.toHaveBeenCalled();
  expect(assign).toHaveBeenCalledWith("/b");
});
