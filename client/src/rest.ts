/**
 * The part for handlers: hydration does not need it, but no handler is called before it is loaded.
 */
import afterHydration, { type AfterHydration } from "./after-hydration.ts";
import type { Core } from "./core.ts";
import effects, { type Effects } from "./effects.ts";
import events, { type Events } from "./events.ts";
import { sender } from "./messages.ts";
import pageLifecycle from "./page-lifecycle.ts";
import { properties, type Properties } from "./properties.ts";
import recovery, { type Recovery } from "./recovery.ts";
import structure, { type Structure } from "./structure.ts";
import timersOf from "./timers.ts";
import translators, { type Translators } from "./translators.ts";

export interface Rest
  extends AfterHydration, Effects, Events, Properties, Recovery, Structure, Translators {}

export default function rest(core: Core): Rest {
  const send = sender(core);
  const timers = timersOf(send);
  const lifecycle = pageLifecycle(send, timers);
  const recovery_ = recovery(core);
  const events_ = events(core);
  return {
    ...structure(core),
    ...effects(core, send, recovery_.report_, timers, lifecycle),
    ...events_,
    ...afterHydration(core, send, events_.replay_, lifecycle),
    ...translators(core),
    ...properties,
    ...recovery_,
  };
}
