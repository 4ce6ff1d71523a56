/**
 * The parts of the runtime that are loaded beside it. They share nothing by import, so the one that
 * handlers need is handed the core.
 */
import type { Core } from "./core.ts";
import { giveUp } from "./give-up.ts";
import { loadPart } from "./load.ts";
import type { Rest } from "./rest.ts";

declare const REST: string;

let core: Core;

/** Says what the part is handed. */
export function provide(what: Core): void {
  core = what;
}

/** Once it is there. No handler is called before. */
export let rest: Rest | undefined;

let loading: Promise<Rest | undefined> | undefined;

/**
 * Loads it, once. Where that fails the page goes on with forms and links, and the promise is kept
 * with undefined.
 */
export const loadRest = (): Promise<Rest | undefined> =>
  (loading ??= loadPart<{ default(core: Core): Rest }>(REST)
    .then((part) => (rest = part.default(core)))
    .catch(giveUp));
