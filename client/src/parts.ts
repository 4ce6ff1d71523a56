/**
 * Parts of the runtime that are loaded on demand. They import nothing of the core at run time, so
 * the part for handlers is passed the core's functions.
 */
import type { Core } from "./core.ts";
import { giveUp } from "./fallback.ts";
import type { Rest } from "./rest.ts";

const load = <Part>(url: string): Promise<Part> => import(url);

/** Loads a part. The second attempt has another address, because browsers cache failed modules. */
export const loadPart = <Part>(url: string): Promise<Part> =>
  load<Part>(url).catch(() =>
    new Promise((resolve) => setTimeout(resolve, 500)).then(() => load(url + "?again")),
  );

declare const REST: string;

/** What parts are passed. */
export let core: Core;

/** Sets it. */
export function provide(what: Core): void {
  core = what;
}

/** Set once it is loaded. No handler is called before. */
export let rest: Rest | undefined;

let loading: Promise<Rest | undefined> | undefined;

/**
 * Loads it, once. If that fails, it resolves to undefined, and the page works with forms and links.
 */
export const loadRest = (): Promise<Rest | undefined> =>
  (loading ??= loadPart<{ default(core: Core): Rest }>(REST)
    .then((part) => (rest = part.default(core)))
    .catch(giveUp));
