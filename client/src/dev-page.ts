/**
 * Development: brings the page to what the server makes now. Only what differs is written. Islands
 * keep their state: those that the server placed with other props begin anew.
 */
import type { Island, Placed } from "./blocks.ts";
import type { Core } from "./core.ts";
import { type Snapshots, snapshotsOf } from "./dev-snapshots.ts";
import { KeptElements, morph } from "./dev-morph.ts";
import type { Problem } from "./dev-overlay.ts";
import { schedule } from "./directives.ts";
import type { Value } from "./values.ts";

/** A module that the server is about to have. */
export type Ahead = Pick<Snapshots, "module" | "lane">;

/** Thrown when only loading the page again brings it up to date. */
export class Reload extends Error {}

/** Returns why the server cannot make the page; then it stays as it was. */
export async function bringUpToDate(core: Core | undefined): Promise<Problem[]> {
  const answer = await fetch(location.href, {
    headers: { accept: "text/html" },
    cache: "no-store",
  });
  const text = await answer.text();
  if (answer.redirected || !/^text\/html/.test(answer.headers.get("content-type") ?? ""))
    throw new Reload();
  const page = new DOMParser().parseFromString(text, "text/html");
  if ("goError" in page.documentElement.dataset) {
    const message = page.querySelector("pre")?.textContent ?? "the page cannot be made";
    return [{ file: "", line: 0, column: 0, message, excerpt: [] }];
  }
  const now = snapshotsOf(page);
  const before = snapshotsOf(document);
  checkScripts(page);
  if (!core) {
    if (now.islands.size) throw new Reload();
    morph(document.documentElement, page.documentElement);
    return [];
  }
  // No instance has the stores that the page had not, and after several traps there is none.
  if (window.goQueue.m > 1 || [...now.stores].some((store) => !before.stores.has(store)))
    throw new Reload();
  const { url_ } = core.state_.module_!;
  if (now.module && (now.module != url_ || context(before) != context(now)))
    await continueWith(core, now);
  place(core, page, now.islands, before.islands);
  return [];
}

const context = ({ ctx }: Snapshots): string => JSON.stringify({ ...(ctx as object), time: 0 });

/** A script runs once: one that is new or differs needs a page of its own. */
function checkScripts(page: Document): void {
  const scripts = (of: Document): string[] =>
    [...of.querySelectorAll("script")]
      .filter(({ dataset, type }) => !("goRelease" in dataset) && !/json/.test(type))
      .map(({ src, textContent }) => new URL(src, location.href).pathname + textContent);
  const known = new Set(scripts(document));
  if (scripts(page).some((script) => !known.has(script))) throw new Reload();
}

/**
 * Continues the islands in a module that the server still prepares: what the server makes with it
 * comes later. Islands that cannot go on in it stay in the one that they have.
 */
export async function goAhead(core: Core, ahead: Ahead): Promise<void> {
  const { module_: before, started_, hydrated_ } = core.state_;
  if (!before || !started_ || !hydrated_.length || before.url_ == ahead.module) return;
  const { url_: module, lane_: lane, ctx_: ctx } = before;
  let saved: Value | undefined;
  try {
    await core.compile_(ahead.module, ahead.lane);
    saved = core.call_("go_save");
    core.start_();
    // Refused where a component is gone: continuing would go on without its islands.
    core.call_("go_hydrate", { ctx, islands: hydratedIslands(core) });
    startFrom(core, { ...ahead, ctx }, saved);
  } catch {
    await core.compile_(module, lane);
    if (saved) startFrom(core, { module, lane, ctx }, saved);
  }
}

/** What an instance of a module is continued with. */
type Next = Pick<Snapshots, "module" | "lane" | "ctx">;

/**
 * Continues the islands in an instance of another module, or with another context, from the state
 * that they have now. Those that look different there are replaced.
 */
async function continueWith(core: Core, next: Next): Promise<void> {
  // It is loading: nobody has changed anything yet.
  if (!core.state_.started_) throw new Reload();
  await core.compile_(next.module, next.lane);
  startFrom(core, next, core.call_("go_save"));
}

/** Starts an instance of the module that was compiled last, with the islands in this state. */
function startFrom(core: Core, { module, lane, ctx }: Next, saved: Value): void {
  const { state_: state } = core;
  core.start_();
  state.module_ = { ...state.module_!, url_: module, lane_: lane, ctx_: ctx };
  if (state.hydrated_.length) {
    const islands = hydratedIslands(core);
    core.apply_(core.call_("go_hydrate", { ctx, saved, islands }), core.text_(5));
    // What is rendered again has no ids, and errors of an island are shown where its id is.
    for (const { block_, placed_ } of state.hydrated_)
      block_?.root_.setAttribute("data-go-id", placed_.id);
    state.saved_ = core.call_("go_save");
  } else {
    state.saved_ = undefined;
  }
}

const hydratedIslands = (core: Core): { id: string; c: string; p: Value }[] =>
  core.state_.hydrated_.map(({ placed_: { id, c, p } }) => ({ id, c, p }));

/** Takes over the server's HTML, all but the islands that go on. */
function place(
  core: Core,
  page: Document,
  islands: Map<string, Placed>,
  before: Map<string, Placed>,
): void {
  const kept = new KeptElements();
  const root = ({ block_, root_ }: Island): Element => block_?.root_ ?? root_;
  for (const [id, island] of core.islands_) {
    const now = islands.get(id);
    const was = before.get(id);
    const isSame = now?.c == was?.c && JSON.stringify(now?.p) == JSON.stringify(was?.p);
    const place = now && page.querySelector(`[data-go-id=${JSON.stringify(id)}]`);
    if (place && isSame && island.block_ && root(island).isConnected) {
      kept.add(place, root(island));
      islands.delete(id);
    } else {
      forget(core, island);
    }
  }
  morph(document.documentElement, page.documentElement, kept);
  for (const [id, placed_] of islands) {
    const root_ = document.querySelector(`[data-go-id=${JSON.stringify(id)}]`);
    if (!root_) continue;
    const island: Island = { placed_, root_ };
    core.islands_.set(id, island);
    schedule(island, () => void core.hydrateSoon_(island));
  }
}

/** An island whose place is gone, or that begins anew. */
function forget(core: Core, island: Island): void {
  const { state_: state, islands_: islands } = core;
  const { block_: block, placed_ } = island;
  islands.delete(placed_.id);
  state.hydrated_ = state.hydrated_.filter((other) => other != island);
  if (!block) return;
  delete core.blocks_[block.handle_];
  try {
    core.call_("go_unmount", { h: block.handle_ });
    state.saved_ = core.call_("go_save");
  } catch {
    // The module does not have its component any more.
  }
}
