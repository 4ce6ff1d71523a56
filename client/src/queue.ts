/**
 * The event queue, which the inline script and the runtime share. Names are one letter because
 * every page contains the inline script, uncompressed in the budget.
 */

/** One captured event, with the values that its target had at that moment. */
export interface Entry {
  /** The event; only type, target and `bubbles` in entries that the runtime creates. */
  e: {
    type: string;
    bubbles: boolean;
    target: EventTarget | null;
    defaultPrevented?: boolean;
    key?: string;
    submitter?: HTMLElement | null;
    clientX?: number;
    clientY?: number;
    pageX?: number;
    pageY?: number;
    button?: number;
    pointerType?: string;
    altKey?: boolean;
    ctrlKey?: boolean;
    metaKey?: boolean;
    shiftKey?: boolean;
    isComposing?: boolean;
    newState?: string;
  };
  /** Where it happened. */
  t: Element;
  /** The target's value. */
  v?: unknown;
  /** The target's `checked`. */
  c?: unknown;
  /** The form's data, for submit and change. */
  f?: FormData | false | null | undefined;
  /** The form or link whose default action was prevented: it follows natively without an answer. */
  x: HTMLFormElement | HTMLAnchorElement | false | null | undefined;
  /** The element to continue from, when inner handlers have run already. */
  s?: Element;
}

/** 0: events are queued · 1: the runtime handles them · 2: forms and links work natively. */
export type Mode = 0 | 1 | 2;

export interface Capture {
  /** The queue, oldest first. */
  q: Entry[];
  m: Mode;
  /** The types of events it listens to. */
  l?: string[];
  /** Makes an entry. */
  n(event: Entry["e"]): Entry;
  /** Whether a key event is part of a composition. */
  k(event: Event): boolean;
  /** Queues an entry. A form or link that still waits after 8 s works natively. */
  p(entry: Entry): void;
  /** Gives up: submits or follows the first queued form or link natively. */
  r(): void;
}

declare global {
  interface Window {
    goQueue: Capture;
  }
}

/** The inline script's side. */
export const capture = (): Capture => window.goQueue;
