/** Events of the DOM, and calls by scripts: each is delivered to the handlers in Go. */
import type { Block, Island } from "./blocks.ts";
import type { Core } from "./core.ts";
import { alive } from "./messages.ts";
import type { Entry } from "./queue.ts";
import type { Value } from "./values.ts";

export interface Events {
  /** Listens to a type of event. */
  listen_(type: string): void;
  /** Delivers queued events, oldest first. Those whose island is not hydrated stay queued. */
  replay_(): void;
  /** Calls a handler of an island for a script, and hydrates the island first; true when it ran. */
  call_(id: string, handler: string, args: Value[]): boolean | Promise<boolean>;
}

/** Takes over the events from the inline script. */
export default function events(core: Core): Events {
  const capture = window.goQueue;
  const types = new Set<string>();

  const onEvent = (event: Event): void => {
    const target = event.target as Element;
    // Ignored: events that our own writes cause, keys that compose a character, and clicks that the
    // inline script left to the browser.
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

  /** The control whose last input event was part of a composition. */
  let composed: EventTarget | null = null;
  const onComposition = ({ type, target, isComposing }: InputEvent): void => {
    if (type == "input") composed = isComposing ? target : null;
    // Chromium has no input event for a text that is accepted without a further change.
    else
      setTimeout(() => {
        if (composed != target) return;
        composed = null;
        dispatch(capture.n({ type: "input", target, bubbles: true }));
      });
  };
  for (const type of ["input", "compositionend"])
    document.addEventListener(type, onComposition as never, true);

  /** Listens in the bubbling phase, so that a page can stop events; to others while capturing. */
  const listen = (type: string): void => {
    if (!types.has(type)) {
      types.add(type);
      document.addEventListener(type, (event) => event.bubbles || onEvent(event), true);
      document.addEventListener(type, onEvent);
    }
  };

  const replay = (): void => {
    for (const entry of capture.q.splice(0)) dispatch(entry);
  };

  const dispatch = (entry: Entry): void => {
    const { e, t } = entry;
    if (capture.m > 1) return;
    if (/input|change/.test(e.type)) core.state_.reported_.add(t);
    const type = e.type + ":";
    const calls: [element: Element, handler: string, block: Block][] = [];
    /** The handler's element from which to continue later. */
    let rest: Element | undefined;
    for (
      let at: Element | null | undefined = entry.s ?? t;
      // An event that does not bubble is for its target only.
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
        if (by) void core.hydrateSoon_(by as Island);
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
    // An element that was removed meanwhile gets no event.
    if (rest?.isConnected) {
      entry.s = rest;
      capture.p(entry);
    }
  };

  core.listened_.forEach(listen);
  capture.l!.forEach(listen);
  if (!capture.m) capture.m = 1;
  // Not at once: values that the browser restored are delivered before other events.
  setTimeout(replay);
  return {
    listen_: listen,
    replay_: replay,

    async call_(id, on, args) {
      const island = core.islands_.get(id);
      if (island) await core.hydrateSoon_(island);
      const block = island?.block_;
      return (
        !!block &&
        alive(core) &&
        core.invoke_(
          "go_event",
          { h: block.handle_, on, type: "call", v: { args } },
          { id, handler: on },
        )
      );
    },
  };
}

function values(entry: Entry, element: Element): Value {
  const { e, t, v, c, f } = entry;
  const value = typeof v == "string" ? v : (element as HTMLInputElement).value;
  const { name = "", value: pressed } = (e.submitter ?? {}) as HTMLButtonElement;
  // Browsers of 2022 do not add the submitter.
  if (f && name && !f.has(name)) f.append(name, pressed);
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
    form: f || undefined,
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
