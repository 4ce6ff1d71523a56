/** Effects that few pages ask for. Loaded when the first one does. */
import type { Core } from "./core.ts";
import { EffectKind, type Json, type pick } from "./effects.ts";
import type { Effect } from "./patch.ts";
import type { Send } from "./messages.ts";

/** Finds an element of a component by its `data-go-ref`. */
export type ByRef = (target: number, ref: string) => HTMLElement | null;

export interface More {
  run_(effect: Effect): void;
}

/** Answers of functions are read up to this many UTF-16 units of JSON. */
const LIMIT = 256 << 10;

declare global {
  interface Window {
    /** The functions that components may call, by name. The page declares them. */
    goFunctions?: { [name: string]: (this: Element | undefined, args: Json) => unknown };
  }
}

export function moreEffects(
  core: Core,
  send: Send,
  report: (error: unknown) => void,
  byRef: ByRef,
  pickFields: typeof pick,
): More {
  /** What is observed, by target, handler and ref. */
  const observers = new Map<string, IntersectionObserver>();

  const observe = (target: number, ref: string, handler: string, once: boolean): void => {
    const element = byRef(target, ref);
    const key = [target, handler, ref].join();
    observers.get(key)?.disconnect();
    observers.delete(key);
    if (!target || !element) return;
    const block = core.blocks_[target];
    const observer = new IntersectionObserver((entries) => {
      const visible = entries.at(-1)!.isIntersecting;
      const gone = !element.isConnected || core.blocks_[target] != block;
      if (gone || (once && visible)) {
        observer.disconnect();
        observers.delete(key);
      }
      if (!gone && (visible || !once)) send(target, handler, "observe", { visible });
    });
    observers.set(key, observer);
    observer.observe(element);
  };

  const callFunction = async (
    target: number,
    [name = "", args = "{}", handler = "", ...fields]: string[],
  ): Promise<void> => {
    let ok = false;
    let data: ReturnType<typeof pick> = {};
    try {
      const declared = () => Object.hasOwn(window.goFunctions ?? {}, name);
      // Scripts of the page may come after its components.
      if (!declared() && document.readyState != "complete")
        await new Promise((loaded) => addEventListener("load", loaded, { once: true }));
      if (!declared()) throw new Error(`the page declares no function ${name} in goFunctions`);
      const root = core.blocks_[target]?.root_;
      const answer = await window.goFunctions![name]!.call(root, JSON.parse(args));
      const json = JSON.stringify(answer) ?? "null";
      if (json.length > LIMIT)
        throw new Error(`${name} answers with more than ${LIMIT} characters`);
      data = pickFields(JSON.parse(json), fields);
      ok = true;
    } catch (error) {
      report(error);
    }
    if (target && handler) send(target, handler, "answer", { ok, data });
  };

  return {
    run_([kind, target, texts]) {
      const [first = "", second = "", third = ""] = texts;
      if (kind == EffectKind.Observe) observe(target, first, second, third == "once");
      else if (kind == EffectKind.Call) void callFunction(target, texts);
    },
  };
}

export default moreEffects;
