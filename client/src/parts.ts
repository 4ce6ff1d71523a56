/**
 * The parts of the runtime that are loaded beside it. They share nothing by import, so the one that
 * handlers need is handed the core.
 */
import type { Core } from "./core.ts";
import { giveUp } from "./give-up.ts";
import type { Rest } from "./rest.ts";

const load = <Part>(url: string): Promise<Part> => import(url);

/**
 * Loads a part; a second time under another address where the first fails, since browsers remember
 * failed modules.
 */
export const loadPart = <Part>(url: string): Promise<Part> =>
  load<Part>(url).catch(() =>
    new Promise((resolve) => setTimeout(resolve, 500)).then(() => load(url + "?again")),
  );

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
