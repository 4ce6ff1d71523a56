/** The start of the runtime: reads the page's snapshots and hydrates its islands. */
import { islands, type Island, type Placed } from "./blocks.ts";
import { core } from "./core.ts";
import { addStores, hydrateSoon } from "./hydrate.ts";
import { loadRest, provide, rest } from "./parts.ts";
import { state } from "./state.ts";
import { byId } from "./templates.ts";
import type { Value } from "./values.ts";

interface Snapshot {
  v: number;
  build: string;
  lane: string;
  dev?: boolean;
  /** Only the page's own snapshot has it; fragments for holes and deferred parts have none. */
  ctx?: Value;
  stores?: { [name: string]: Value };
  islands: Placed[];
}

/** The page's own snapshot. */
let page: Snapshot | undefined;
const seen = new Set<Element>();
/** Read but not used yet: fragments may come before the page's own snapshot. */
let waiting: Snapshot[] = [];

/** Reads the snapshots that have arrived. */
function scan(): void {
  for (const script of document.querySelectorAll("script[data-go-snapshot]")) {
    if (!seen.has(script)) {
      try {
        waiting.push(JSON.parse(script.textContent!));
        seen.add(script);
      } catch {
        // It has not arrived completely.
      }
    }
  }
  page ??= waiting.find((snapshot) => snapshot.ctx);
  if (page && waiting.length) {
    state.module_ ??= {
      url_: document.querySelector<HTMLElement>("script[data-go-module]")!.dataset["goModule"]!,
      lane_: page.lane,
      ctx_: page.ctx,
      dev_: !!page.dev,
    };
    const elements = byId(document);
    for (const { v, build, stores, islands: placed } of waiting) {
      const same = v == 2 && build == page.build;
      if (same) addStores(stores);
      for (const placed_ of placed) {
        const root_ = elements.get(placed_.id);
        if (root_) {
          const island: Island = { placed_, root_ };
          islands.set(placed_.id, island);
          if (same && /load|only/.test(placed_.h)) void hydrateSoon(island);
          else
            void loadRest().then((rest) => (same ? rest?.schedule_(island) : rest?.leave_(island)));
        }
      }
    }
    waiting = [];
    rest?.replay_();
  }
}

provide(core);
scan();
if (document.readyState == "loading") {
  const observer = new MutationObserver(scan);
  observer.observe(document, { childList: true, subtree: true });
  document.addEventListener("DOMContentLoaded", () => {
    observer.disconnect();
    scan();
  });
}

declare global {
  interface Window {
    /** Calls a handler of an island; true when it ran. */
    goCall(id: string, handler: string, ...args: Value[]): Promise<boolean>;
  }
}

window.goCall = (id, handler, ...args) =>
  loadRest().then((rest) => !!rest && rest.call_(id, handler, args));
