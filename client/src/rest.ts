/**
 * What hydration itself does not need, and handlers do: loaded beside the module, and there before
 * any handler is called.
 */
import change, { type Change } from "./structure.ts";
import type { Core } from "./core.ts";
import effects, { type Effects } from "./effects.ts";
import events, { type Events } from "./events.ts";
import later, { type Later } from "./lifecycle.ts";
import mend, { type Mend } from "./translators.ts";
import { props, type Props } from "./controls.ts";
import recover, { type Recover } from "./recovery.ts";
import { sender } from "./messages.ts";

export interface Rest extends Change, Effects, Events, Later, Mend, Props, Recover {}

export default function rest(core: Core): Rest {
  const send = sender(core);
  const recovery = recover(core);
  const events_ = events(core);
  return {
    ...change(core),
    ...effects(core, send, recovery.report_),
    ...events_,
    ...later(core, send, events_.replay_),
    ...mend(core),
    ...props,
    ...recovery,
  };
}
