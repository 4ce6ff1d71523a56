/** Events: from the element outwards to the handlers that its islands name. */
import type { Block, Island } from "./blocks.ts";
import type { Core } from "./core.ts";
import type { Entry } from "./queue.ts";
import type { Value } from "./values.ts";

export interface Events {
  /** Listens to a type of event. */
  listen_(type: string): void;
  /** Delivers what waits, oldest first. What its island is not ready for waits on. */
  replay_(): void;
}

/** Takes the events over from the inline script. */
export default function events(core: Core): Events {
  const capture = window.goQueue;
  const heard = new Set<string>();

  const hear = (event: Event): void => {
    const target = event.target as Element;
    // What our own writing sets off, keys that compose a character, and clicks that were left to
    // the browser, are nobody's.
    if (
      !core.state_.muted_ &&
      target.closest &&
      !capture.k(event) &&
      (event.type != "click" ||
        event.defaultPrevented ||
        !target.closest("[data-go-prevent~=click]"))
    ) {
      dispatch(capture.n(event));
    }
  };

  /** Where the text is that was composed with the last input event. */
  let composed: EventTarget | null = null;
  const note = ({ type, target, isComposing }: InputEvent): void => {
    if (type == "input") composed = isComposing ? target : null;
    // Chromium has no input event for a text that is accepted as it was composed last.
    else
      setTimeout(() => {
        if (composed != target) return;
        composed = null;
        dispatch(capture.n({ type: "input", target, bubbles: true }));
      });
  };
  for (const type of ["input", "compositionend"])
    document.addEventListener(type, note as never, true);

  /**
   * Events that bubble are heard when they arrive, so that a page can stop them; others on the way
   * in.
   */
  const listen = (type: string): void => {
    if (!heard.has(type)) {
      heard.add(type);
      document.addEventListener(type, (event) => event.bubbles || hear(event), true);
      document.addEventListener(type, hear);
    }
  };

  const replay = (): void => {
    for (const entry of capture.q.splice(0)) dispatch(entry);
  };

  const dispatch = (entry: Entry): void => {
    const { e, t } = entry;
    if (capture.m > 1) return;
    if (/input|change/.test(e.type)) core.state_.told_.add(t);
    const type = e.type + ":";
    const calls: [element: Element, handler: string, block: Block][] = [];
    /** Where to go on later. */
    let rest: Element | undefined;
    for (
      let at: Element | null | undefined = entry.s ?? t;
      // What does not bubble is for its target only.
      (at = at?.closest(`[data-go-on*="${type}"]`)) && (e.bubbles || at == t);
      at = e.bubbles ? at.parentElement : null
    ) {
      const word = at
        .getAttribute("data-go-on")!
        .split(" ")
        .find((word) => word.startsWith(type));
      const by = word && core.owner_(at);
      if ((by as Block | undefined)?.nodes_) {
        calls.push([at, word!.slice(type.length), by as Block]);
      } else if (by || (word && by === undefined && document.readyState == "loading")) {
        rest = at;
        if (by) void core.soon_(by as Island);
        break;
      }
    }
    for (const [element, on, block] of calls) {
      const id = element.closest<HTMLElement>("[data-go-hydrated]")?.dataset["goId"];
      void core.invoke_(
        "go_event",
        { h: block.handle_, on, type: e.type, v: values(entry, element) },
        { handler: on, id },
      );
    }
    // What has left the page meanwhile waits for nobody.
    if (rest?.isConnected) {
      entry.s = rest;
      capture.p(entry);
    }
  };

  core.listened_.forEach(listen);
  capture.l!.forEach(listen);
  if (!capture.m) capture.m = 1;
  // What the browser restored comes first, which is taken care of as soon as this part is there.
  setTimeout(replay);
  return { listen_: listen, replay_: replay };
}

function values(entry: Entry, element: Element): Value {
  const { e, t, v, c, f } = entry;
  const value = typeof v == "string" ? v : (element as HTMLInputElement).value;
  const { name = "", value: pressed } = (e.submitter ?? {}) as HTMLButtonElement;
  const open = (t as HTMLDetailsElement).open ?? (element as HTMLDetailsElement).open;
  return {
    value: typeof value == "string" ? value : undefined,
    checked: typeof c == "boolean" ? c : undefined,
    open: typeof open == "boolean" ? open : e.newState && e.newState == "open",
    key: e.key,
    mods:
      +!!e.altKey | (+!!e.ctrlKey << 1) | (+!!e.metaKey << 2) | (+!!e.shiftKey << 3) || undefined,
    composing: e.isComposing || undefined,
    pointer: pointer(e, element),
    // The first of a name counts; files stay here. Browsers of 2022 leave the submitter out.
    form: f
      ? (Object.fromEntries(
          [[name, pressed], ...[...f].reverse()].filter(
            ([name, text]) => name && typeof text == "string",
          ),
        ) as Value)
      : undefined,
  };
}

/** Where a pointer was, in whole CSS pixels. */
function pointer(e: Entry["e"], element: Element): Value {
  if (e.clientX == undefined) return undefined;
  const { left, top, width, height } = element.getBoundingClientRect();
  const numbers = {
    x: e.clientX,
    y: e.clientY!,
    // The page may have been scrolled since.
    dx: e.pageX! - scrollX - left,
    dy: e.pageY! - scrollY - top,
    w: width,
    h: height,
    button: e.button!,
  };
  return {
    ...Object.fromEntries(Object.entries(numbers).map(([key, n]) => [key, Math.round(n)])),
    type: e.pointerType,
  };
}
