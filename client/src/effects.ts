/** Effects: carries out what handlers in Go ask the page to do. */
import { announce } from "./announce.ts";
import type { Core } from "./core.ts";
import { type Answer, request } from "./fetch.ts";
import { pick } from "./fields.ts";
import type { Send } from "./messages.ts";
import type { ByRef, More, moreEffects } from "./more.ts";
import { Leaving, type PageLifecycle } from "./page-lifecycle.ts";
import { loadPart } from "./parts.ts";
import type { Effect } from "./patch.ts";
import { storeState } from "./persistence.ts";
import { sharedKey } from "./shared-key.ts";
import type { Timers } from "./timers.ts";

declare const MORE: string;

export const enum EffectKind {
  Fetch = 1,
  Timer,
  Navigate,
  Focus,
  Announce,
  Key,
  Dialog,
  Observe,
  Call,
  Paint,
  Persist,
  /** A message to the component's developer, in development. */
  Report = 100,
}

export interface Effects {
  /** Carries out the effects, in order. Unknown kinds are skipped. */
  run_(effects: Effect[]): void;
}

export default function effects(
  core: Core,
  send: Send,
  report: (error: unknown) => void,
  timers: Timers,
  lifecycle: PageLifecycle,
): Effects {
  /** Set while a shared key is created: later fetches wait for its cookie. */
  let key: Promise<void> | undefined;

  let more: Promise<More> | undefined;

  /** The component's element with that `data-go-ref`. */
  const byRef: ByRef = (target, ref) => {
    const root = (core.blocks_[target]?.root_ ?? document.documentElement) as HTMLElement;
    const place = `[data-go-ref=${JSON.stringify(ref)}]`;
    return root.matches(place) ? root : root.querySelector<HTMLElement>(place);
  };

  const one = (effect: Effect): void => {
    const [kind, target, texts] = effect;
    const [first = "", second = "", third = ""] = texts;
    if (kind == EffectKind.Fetch) {
      const [method = "GET", url = "", body = "", handler = "", ...fields] = texts;
      const leaving = lifecycle.leaving_();
      const changes = method != "GET";
      if (changes) lifecycle.sending_();
      const start = (): Promise<Answer> =>
        request(method, url, body, fields, leaving == Leaving.Page);
      void (key ? key.then(start) : start()).then((answer) => {
        // A failure may be that the page is left, and says nothing of what the server does.
        if (changes && answer.status) lifecycle.answered_();
        if (target) send(target, handler, "fetch", answer);
      });
    } else if (kind == EffectKind.Timer) {
      timers.set_(target, second, Number(first), third == "leave");
      if (third == "leave") lifecycle.watchUnload_();
    } else if (kind == EffectKind.Navigate) {
      if (second == "replace") history.replaceState(history.state, "", first);
      // Go has replaced an unsafe address by this one.
      else if (first != "about:invalid") location.assign(first);
    } else if (kind == EffectKind.Focus) {
      byRef(target, first)?.focus();
    } else if (kind == EffectKind.Announce) {
      announce(first);
    } else if (kind == EffectKind.Key) {
      key = sharedKey(first)?.finally(() => (key = undefined));
    } else if (kind == EffectKind.Dialog) {
      const dialog = byRef(target, first);
      if (!(dialog instanceof HTMLDialogElement)) return;
      if (second == "close") dialog.close();
      else if (!dialog.open) second == "modal" ? dialog.showModal() : dialog.show();
    } else if (kind == EffectKind.Paint) {
      // The frame that the callback belongs to is painted after it.
      requestAnimationFrame(() => setTimeout(() => target && send(target, first, "paint", {})));
    } else if (kind == EffectKind.Persist) {
      const id = core.blocks_[target]?.island_?.placed_.id;
      if (id) storeState(id, first, second, third);
    } else if (kind == EffectKind.Observe || kind == EffectKind.Call) {
      void (more ??= loadPart<{ default: typeof moreEffects }>(MORE).then((part) =>
        part.default(core, send, report, byRef, pick),
      )).then((more) => more.run_(effect), report);
    } else if (kind == EffectKind.Report) {
      report(first);
    }
  };

  return {
    run_(effects) {
      for (const effect of effects) {
        try {
          one(effect);
        } catch (error) {
          report(error);
        }
      }
    },
  };
}
