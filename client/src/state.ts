/** What lasts longer than an instance. */
import type { Island } from "./blocks.ts";
import type { Value } from "./values.ts";

/** The module of the page, and what it is started with. */
export interface Module {
  url_: string;
  lane_: string;
  ctx_: Value;
  dev_: boolean;
}

export const state = {
  module_: undefined as Module | undefined,
  /** Whether the rest of the runtime does not load: then there are no handlers on this page. */
  lost_: false,
  /** Whether there is an instance. */
  started_: false,
  /** Go's state after the last call that ended well. */
  saved_: undefined as Uint8Array | undefined,
  /** The islands that Go knows, in the order of their hydration. */
  hydrated_: [] as Island[],
  /** The controls whose values Go knows. */
  told_: new WeakSet<EventTarget>(),
  /** Set while nodes are moved: the events that the browser fires then are nobody's. */
  muted_: false,
};
