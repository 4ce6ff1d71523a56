/** Events: from the element outwards to the handlers that its islands name. */
import { Block, owner, type Island } from "./block.ts";
import { busy, invoke } from "./calls.ts";
import { wake } from "./hydrate.ts";
import { hearing, listen } from "./listen.ts";
import { capture, type Entry } from "./queue.ts";
import { state } from "./state.ts";
import type { Value } from "./value.ts";

/** Takes the events over from the inline script. */
export function takeOver(): void {
  hearing((event) => {
    const target = event.target as Element;
    // What our own writing sets off, and clicks that were left to the browser, are nobody's.
    if (!state.muted_ && target.closest && (event.type != "click" || event.defaultPrevented || !target.closest("[data-go-prevent~=click]"))) {
      dispatch(capture().n(event));
    }
  });
  capture().l!.forEach(listen);
  capture().m = 1;
}

/** Delivers what waits, oldest first. What its island is not ready for waits on. */
export function replay(): void {
  for (const entry of capture().q.splice(0)) dispatch(entry);
}

/** Hydrates an island, and delivers what waited for it. */
export const soon = (island: Island): Promise<void> => wake(island).then(replay);

function dispatch(entry: Entry): void {
  const { e, t } = entry;
  const { m, p } = capture();
  if (m > 1) return;
  if (/input|change/.test(e.type)) state.told_.add(t);
  const type = e.type + ":";
  const calls: [element: Element, handler: string, block: Block][] = [];
  /** Where to go on later. */
  let rest: Element | undefined;
  for (let at: Element | null | undefined = entry.s ?? t; (at = at?.closest(`[data-go-on*="${type}"]`)); at = e.bubbles ? at.parentElement : null) {
    const word = at.getAttribute("data-go-on")!.split(" ").find((word) => word.startsWith(type));
    const by = word && owner(at);
    if (by instanceof Block) {
      calls.push([at, word!.slice(type.length), by]);
    } else if (by || (word && by === undefined && document.readyState == "loading")) {
      rest = at;
      if (by) void soon(by);
      break;
    }
  }
  for (const [element, on, block] of calls) {
    if (busy) {
      rest = element;
      void busy.then(replay);
      break;
    }
    void invoke("go_event", { h: block.handle_, on, type: e.type, v: values(entry, element) }, { handler: on });
  }
  // What has left the page meanwhile waits for nobody.
  if (rest?.isConnected) {
    entry.s = rest;
    p(entry);
  }
}

function values({ e, v, c, f }: Entry, element: Element): Value {
  const value = typeof v == "string" ? v : (element as HTMLInputElement).value;
  return {
    value: typeof value == "string" ? value : undefined,
    checked: typeof c == "boolean" ? c : undefined,
    key: e.key,
    // The first of a name counts; files stay here.
    form: f ? (Object.fromEntries([...f].filter(([, text]) => typeof text == "string").reverse()) as Value) : undefined,
  };
}
