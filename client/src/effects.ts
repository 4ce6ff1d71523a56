/** Effects: what Go asks the page to do. */
import type { Core } from "./core.ts";
import { sharedKey } from "./shared-key.ts";
import type { Effect } from "./patch.ts";
import type { Send } from "./messages.ts";
import { loadPart } from "./parts.ts";
import type { ByRef, More, moreEffects } from "./more.ts";
import { keep } from "./persistence.ts";
import { Leaving, markSent, timersOf } from "./timers.ts";

declare const MORE: string;

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Answers are read up to this many bytes. */
const LIMIT = 256 << 10;
const PATIENCE = 30_000;

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
  /** What development found, for who writes the component. */
  Report = 100,
}

export interface Effects {
  /** Carries the effects out, in order. A kind that is not known is passed over. */
  run_(effects: Effect[]): void;
}

export default function effects(core: Core, send: Send, report: (error: unknown) => void): Effects {
  const timers = timersOf(send);
  /** Set while a key is made that what is fetched next is sent with. */
  let key: Promise<void> | undefined;

  let more: Promise<More> | undefined;

  /** The element of that name in a component. */
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
      const leaving = timers.leaving_();
      if (leaving && method != "GET") markSent();
      const ask = (): Promise<Answer> =>
        request(method, url, body, fields, leaving == Leaving.Page);
      void (key ? key.then(ask) : ask()).then(
        (answer) => target && send(target, handler, "fetch", answer),
      );
    } else if (kind == EffectKind.Timer) {
      timers.set_(target, second, Number(first), third == "leave");
    } else if (kind == EffectKind.Navigate) {
      if (second == "replace") history.replaceState(history.state, "", first);
      // What Go refused to write as a link goes nowhere here either.
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
      if (id) keep(id, first, second, third);
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

interface Answer {
  [key: string]: Json;
  ok: boolean;
  status: number;
  data: { [key: string]: Json };
}

/**
 * Asks the shop's own server. `data` has the declared fields that the answer has. On leaving,
 * nothing is asked for any more, only sent.
 */
async function request(
  method: string,
  url: string,
  body: string,
  fields: string[],
  leaving: boolean,
): Promise<Answer> {
  let status = 0;
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), PATIENCE);
  const type = "application/x-www-form-urlencoded";
  try {
    if (leaving && method == "GET") throw undefined;
    // What changes the cart is not called off by going to another page. Browsers keep only short
    // ones alive, and Firefox of 2024 none.
    if (leaving && !("keepalive" in Request.prototype)) {
      navigator.sendBeacon(url, new Blob([body], { type }));
      throw undefined;
    }
    const response = await fetch(url, {
      method,
      headers: { accept: "application/json", ...(body && { "content-type": type }) },
      body: body || null,
      mode: "same-origin",
      credentials: "same-origin",
      keepalive: body.length < 16_000,
      signal: stop.signal,
    });
    status = response.status;
    const json = JSON.parse(await bounded(response)) as Json;
    return { ok: response.ok, status, data: pick(json, fields) };
  } catch {
    return { ok: false, status, data: {} };
  } finally {
    clearTimeout(patience);
  }
}

async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  let text = "";
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    if ((size += value.length) > LIMIT) {
      await reader.cancel();
      throw new Error("an answer of more than " + LIMIT + " bytes");
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** The declared fields of an answer: `a`, `a.b`, `lines[].id`; nothing else of it goes on. */
export function pick(json: Json, fields: string[]): { [key: string]: Json } {
  const shape: Shape = new Map();
  for (const field of fields) {
    let at = shape;
    for (const name of field.split(".")) {
      let inner = at.get(name);
      if (!inner) at.set(name, (inner = new Map()));
      at = inner;
    }
  }
  const picked = take(json, shape);
  return picked && typeof picked == "object" && !Array.isArray(picked) ? picked : {};
}

type Shape = Map<string, Shape>;

function take(json: Json, shape: Shape): Json {
  if (!shape.size) return json;
  if (!json || typeof json != "object" || Array.isArray(json)) return null;
  const picked: { [key: string]: Json } = Object.create(null);
  for (const [name, inner] of shape) {
    const list = name.endsWith("[]");
    const key = list ? name.slice(0, -2) : name;
    if (Object.prototype.hasOwnProperty.call(json, key)) {
      const value = json[key]!;
      if (!list) picked[key] = take(value, inner);
      else if (Array.isArray(value)) picked[key] = value.map((item) => take(item, inner));
    }
  }
  return picked;
}

let region: HTMLElement | undefined;

/** Says a text through one polite live region. */
function announce(text: string): void {
  if (!region?.isConnected) {
    region = document.createElement("div");
    region.setAttribute("role", "status");
    region.setAttribute("aria-live", "polite");
    region.style.cssText =
      "position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap";
    document.body.append(region);
  }
  const place = region;
  // The same text again is news again, and a region that is new has to be noticed before it speaks.
  place.textContent = "";
  setTimeout(() => (place.textContent = text), 100);
}
