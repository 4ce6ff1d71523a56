/**
 * What the inline script and the runtime share. Names are one letter because the inline script is
 * paid for raw, on every page.
 */

/** One captured event, with the values that its target had at that moment. */
export interface Entry {
  /** The event; only a type, a target and `bubbles` where the runtime made the entry up. */
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
  /**
   * The form or link whose submit or click was prevented, and that the browser has to follow when
   * nobody answers.
   */
  x: HTMLFormElement | HTMLAnchorElement | false | null | undefined;
  /** Where the walk outwards goes on, when inner handlers have run already. */
  s?: Element;
}

/**
 * 0: events are queued · 1: the runtime handles them · 2: nobody does, forms and links work
 * natively.
 */
export type Mode = 0 | 1 | 2;

export interface Capture {
  /** The queue, oldest first. */
  q: Entry[];
  m: Mode;
  /** The types of events it listens to. */
  l?: string[];
  /** Makes an entry. */
  n(event: Entry["e"]): Entry;
  /** Whether a key is pressed to compose a character. */
  k(event: Event): boolean;
  /** Queues an entry; a submit is sent natively when it still waits after 8 s. */
  p(entry: Entry): void;
  /** Gives up: does natively what waits first, a form or a link; only one can leave the page. */
  r(): void;
}

declare global {
  interface Window {
    goQueue: Capture;
  }
}

/** The inline script's side. */
export const capture = (): Capture => window.goQueue;
