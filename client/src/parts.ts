/** The parts that load on use. They are bundles of their own that share nothing by import, so each is handed the core. */
import type { Change } from "./change.ts";
import type { Core } from "./core.ts";
import type { Later } from "./later.ts";
import type { Recover } from "./recover.ts";

declare const CHANGE: string;
declare const LATER: string;
declare const RECOVER: string;

let core: Core;

/** Says what the parts are handed. */
export function provide(what: Core): void {
  core = what;
}

const once = <Part>(load: () => Promise<{ default(core: Core): Part }>): (() => Promise<Part>) => {
  let part: Promise<Part> | undefined;
  return () => (part ??= load().then((module) => module.default(core)));
};

export const loadChange = once<Change>(() => import(CHANGE));
export const loadLater = once<Later>(() => import(LATER));
export const loadRecover = once<Recover>(() => import(RECOVER));
