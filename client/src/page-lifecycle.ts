/** The page is hidden, left, or shown again: what is due then runs, and components are told. */
import type { Send } from "./messages.ts";
import type { Timers } from "./timers.ts";

/** Whether handlers run because the page is hidden or left. */
export const enum Leaving {
  No,
  /** The page is hidden, and may go on. */
  Hidden,
  /** The page is left. */
  Page,
}

export interface PageLifecycle {
  leaving_(): Leaving;
  /** Notes for the next page of this tab when changes were under way. */
  sending_(): void;
  answered_(): void;
  /** Runs what is due before the next page is requested, not only when it replaces this one. */
  watchUnload_(): void;
  /** Called after islands are hydrated: they may have been rendered before that request arrived. */
  hydrated_(): void;
}

/** Session storage: Unix ms of the last answer to a change; Infinity while one is under way. */
const CHANGED = "protium-changed";
/** When components are told of it, after hydration: a slow request arrives later than the page. */
const RESUME_MS = [300, 2000];

/** Writes the time, and returns the one that was there. */
function note(time: number): number {
  try {
    const before = Number(sessionStorage.getItem(CHANGED));
    sessionStorage.setItem(CHANGED, String(time));
    return before;
  } catch {
    // A visitor may forbid storage.
    return 0;
  }
}

export default function pageLifecycle(send: Send, timers: Timers): PageLifecycle {
  /** Whether this page was asked for before the last one had its answer. */
  const mayBeOld = note(0) > performance.timeOrigin;
  /** Changes under way. */
  let sending = 0;
  let leaving = Leaving.No;
  /** Whether components were told that the page is hidden or left. */
  let told = false;
  /** When components were last told that the page is shown again. */
  let resumed = 0;
  let afterHydration: ReturnType<typeof setTimeout>[] = [];

  const leave = ({ type }: Event): void => {
    leaving = type == "visibilitychange" ? Leaving.Hidden : Leaving.Page;
    timers.leave_();
    // The visitor may stay after beforeunload.
    if (!told && type != "beforeunload") {
      told = true;
      send(0, "Leave", "leave", {});
    }
    leaving = Leaving.No;
    removeEventListener("beforeunload", leave);
  };

  /** What the page shows may be out of date. */
  const resume = (event: Event): void => {
    // A page from the back/forward cache has both events.
    if (event.timeStamp - resumed > 500) {
      resumed = event.timeStamp;
      send(0, "Resume", "resume", {});
    }
  };

  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => {
    told = false;
    if (event.persisted) resume(event);
  });
  // A hidden tab may be closed without a further event.
  document.addEventListener("visibilitychange", (event) => {
    if (document.visibilityState == "hidden") {
      leave(event);
    } else {
      told = false;
      resume(event);
    }
  });

  return {
    leaving_: () => leaving,

    sending_() {
      sending++;
      note(Infinity);
    },

    answered_() {
      if (!--sending) note(Date.now());
    },

    // Only this event comes before the request for the next page. Some browsers exclude pages with
    // a listener for it from the back/forward cache, so there is one only while a timer waits.
    watchUnload_: () => addEventListener("beforeunload", leave),

    hydrated_() {
      if (!mayBeOld) return;
      afterHydration.forEach(clearTimeout);
      afterHydration = RESUME_MS.map((delay) =>
        setTimeout(() => send(0, "Resume", "resume", {}), delay),
      );
    },
  };
}
