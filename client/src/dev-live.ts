/** Development: follows the shop's files, and brings the page to what is made from them now. */
import type { Core } from "./core.ts";
import { showProblems, type Problem } from "./dev-overlay.ts";
import { type Ahead, bringUpToDate, goAhead, Reload } from "./dev-page.ts";
import { exchangeStyles } from "./dev-styles.ts";

/** What a page is made from, as the server tells. */
export interface State {
  /** The release. */
  release: string;
  /** Changes with everything that pages are made from, style sheets left out. */
  pages: string;
  /** The address of the module, and its toolchain. */
  module: string;
  lane: string;
  /** The module that the server is about to have, and its toolchain. */
  ahead: Ahead | null;
  /** The address with hash of each style sheet, by its plain one. */
  styles: { [plain: string]: string };
  errors: Problem[];
}

const EVENTS = "/_protium/dev/events";

let core: Core | undefined;

/** Sets the core. A page without islands has none. */
export function provide(what: Core): void {
  core = what;
}

/** What the page shows, once that is known. */
let shown: State | undefined;
/** The server's newest state. */
let newest: State | undefined;
let busy = false;
/** Why the server could not make this page when it was last asked. */
let failure: Problem[] = [];

/** Follows the shop's files, unless the page is of a shop that is not in development. */
export function followChanges(): void {
  const script = document.querySelector<HTMLElement>("script[data-go-release]");
  const release = script?.dataset["goRelease"];
  if (!release) return;
  let source: EventSource | undefined;
  const connect = (): void => {
    source ??= new EventSource(EVENTS);
    source.onmessage = ({ data }) => {
      newest = JSON.parse(data) as State;
      void catchUp(release);
    };
  };
  const disconnect = (): void => {
    source?.close();
    source = undefined;
  };
  connect();
  // A browser has six connections to a server, for all tabs together: hidden ones do without.
  document.addEventListener("visibilitychange", () =>
    document.visibilityState == "hidden" ? disconnect() : connect(),
  );
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);
}

/** Goes from state to state until the page shows the newest one. */
async function catchUp(release: string): Promise<void> {
  if (busy) return;
  busy = true;
  try {
    while (newest && newest != shown) {
      const next = newest;
      // The page's own release: nothing has changed since it was made.
      const before = shown ?? (next.release == release ? next : undefined);
      await change(before, next);
      shown = next;
    }
  } catch (error) {
    if (!(error instanceof Reload)) console.error("protium: the page is loaded again:", error);
    location.reload();
  } finally {
    busy = false;
  }
}

async function change(before: State | undefined, next: State): Promise<void> {
  if ("goError" in document.documentElement.dataset) {
    // It is no page of the shop, and the shop may have one again.
    if (before?.release != next.release || !same(before.errors, next.errors)) throw new Reload();
    return;
  }
  if (core && next.ahead) await goAhead(core, next.ahead);
  await exchangeStyles(before?.styles ?? {}, next.styles);
  if (before?.pages != next.pages) failure = await bringUpToDate(core);
  showProblems(next.errors.length ? next.errors : failure);
}

const same = (a: Problem[], b: Problem[]): boolean => JSON.stringify(a) == JSON.stringify(b);
