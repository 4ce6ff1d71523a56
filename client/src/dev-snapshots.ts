/** Development: what a page's snapshots say. */
import type { Placed } from "./blocks.ts";
import type { Value } from "./values.ts";

export interface Snapshots {
  islands: Map<string, Placed>;
  ctx: Value;
  /** The names of the stores. */
  stores: Set<string>;
  /** The address of the module, and its toolchain; empty in a page without islands. */
  module: string;
  lane: string;
}

export function snapshotsOf(page: Document): Snapshots {
  const script = page.querySelector<HTMLElement>("script[data-go-module]");
  const found: Snapshots = {
    islands: new Map(),
    ctx: {},
    stores: new Set(),
    module: script?.dataset["goModule"] ?? "",
    lane: "",
  };
  for (const { textContent } of page.querySelectorAll("script[data-go-snapshot]")) {
    const { ctx, lane, stores, islands } = JSON.parse(textContent!);
    found.ctx = ctx ?? found.ctx;
    found.lane ||= lane ?? "";
    for (const name in stores) found.stores.add(name);
    for (const placed of islands as Placed[]) found.islands.set(placed.id, placed);
  }
  return found;
}
