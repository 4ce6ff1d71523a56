/** State of the runtime that outlives an instance of the module. */
import type { Reporter } from "./adopt.ts";
import type { Island } from "./blocks.ts";
import type { Value } from "./values.ts";

/** The page's module, and how to start it. */
export interface Module {
  url_: string;
  lane_: string;
  ctx_: Value;
  dev_: boolean;
}

export interface State {
  module_?: Module;
  /** Whether the rest of the runtime could not be loaded: this page has no handlers. */
  lost_?: boolean;
  /** Whether there is an instance. */
  started_?: boolean;
  /** Go's state after the last call that ended well. */
  saved_?: Uint8Array | undefined;
  /** The islands that Go knows, in the order of their hydration. */
  hydrated_: Island[];
  /** The controls whose values Go knows. */
  reported_: WeakSet<EventTarget>;
  /** Set by the part for development. */
  reporter_?: Reporter;
  /** Set while nodes are moved: the events that this causes are ignored. */
  muted_?: boolean;
}

export const state: State = { hydrated_: [], reported_: new WeakSet() };
