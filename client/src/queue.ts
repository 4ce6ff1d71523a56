/** What the inline script and the runtime share. Names are one letter because the inline script is paid for raw, on every page. */

/** One captured event, with the values that its target had at that moment. */
export interface Entry {
  /** The event; only a type, a target and `bubbles` where the runtime made the entry up. */
  e: { type: string; bubbles: boolean; target: EventTarget | null; defaultPrevented?: boolean; key?: string; submitter?: HTMLElement | null };
  /** Where it happened. */
  t: Element;
  /** The target's value. */
  v?: unknown;
  /** The target's `checked`. */
  c?: unknown;
  /** The form's data, for submit and change. */
  f?: FormData | false | null | undefined;
  /** The form of a submit that was prevented, and that the browser has to send when nobody answers. */
  x: HTMLFormElement | false | undefined;
  /** Where the walk outwards goes on, when inner handlers have run already. */
  s?: Element;
}

/** 0: events are queued · 1: the runtime handles them · 2: nobody does, forms and links work natively. */
export type Mode = 0 | 1 | 2;

export interface Capture {
  /** The queue, oldest first. */
  q: Entry[];
  m: Mode;
  /** The types of events it listens to. */
  l?: string[];
  /** Makes an entry. */
  n(event: Entry["e"]): Entry;
  /** Queues an entry; a submit is sent natively when it still waits after 8 s. */
  p(entry: Entry): void;
  /** Gives up: sends the queued submits natively, once. */
  r(): void;
}

declare global {
  interface Window {
    goQueue: Capture;
  }
}

/** The inline script's side. */
export const capture = (): Capture => window.goQueue;
