/** The part of the runtime that hydration itself does not need. It is a bundle of its own that shares nothing by import, so it is handed the core. */
import type { Core } from "./core.ts";
import { giveUp } from "./give-up.ts";
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

const load = (url: string): Promise<{ default(core: Core): Rest }> => import(url);

/**
 * Loads it, once; a second time under another address where the first fails, since browsers remember failed modules. Where
 * that fails too, the page goes on with forms and links, and the promise is kept with undefined.
 */
export const loadRest = (): Promise<Rest | undefined> =>
  (loading ??= load(REST)
    .catch(() => new Promise((resolve) => setTimeout(resolve, 500)).then(() => load(REST + "?again")))
    .then((part) => (rest = part.default(core)), giveUp));
