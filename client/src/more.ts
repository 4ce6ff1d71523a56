/** The part for effects that few pages use, loaded by the first one. */
import type { Core } from "./core.ts";
import { EffectKind } from "./effects.ts";
import type { pick } from "./fields.ts";
import type { Send } from "./messages.ts";
import observerOf from "./observe.ts";
import pageFunctions from "./page-functions.ts";
import type { Effect } from "./patch.ts";

/** Finds an element of a component by its `data-go-ref`. */
export type ByRef = (target: number, ref: string) => HTMLElement | null;

export interface More {
  run_(effect: Effect): void;
}

export function moreEffects(
  core: Core,
  send: Send,
  report: (error: unknown) => void,
  byRef: ByRef,
  pickFields: typeof pick,
): More {
  const observe = observerOf(core, send, byRef);
  const callFunction = pageFunctions(core, send, report, pickFields);
  return {
    run_([kind, target, texts]) {
      const [first = "", second = "", third = ""] = texts;
      if (kind == EffectKind.Observe) observe(target, first, second, third == "once");
      else if (kind == EffectKind.Call) void callFunction(target, texts);
    },
  };
}

export default moreEffects;
