/** State of the runtime that outlives an instance of the module. */
import type { Island } from "./blocks.ts";
import type { Value } from "./values.ts";

/** The page's module, and how to start it. */
export interface Module {
  url_: string;
  lane_: string;
  ctx_: Value;
  dev_: boolean;
}

export const state = {
  module_: undefined as Module | undefined,
  /** Whether the rest of the runtime could not be loaded: this page has no handlers. */
  lost_: false,
  /** Whether there is an instance. */
  started_: false,
  /** Go's state after the last call that ended well. */
  saved_: undefined as Uint8Array | undefined,
  /** The islands that Go knows, in the order of their hydration. */
  hydrated_: [] as Island[],
  /** The controls whose values Go knows. */
  reported_: new WeakSet<EventTarget>(),
  /** Set while nodes are moved: the events that this causes are ignored. */
  muted_: false,
};
