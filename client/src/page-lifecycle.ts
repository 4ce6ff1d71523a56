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
  /** Notes for the next page of this tab that a request was sent as this one was left. */
  markSent_(): void;
  /** Runs what is due before the next page is requested, not only when it replaces this one. */
  watchUnload_(): void;
  /** Called after islands are hydrated: they may have been rendered before that request arrived. */
  hydrated_(): void;
}

/** Session storage: a request was sent as the previous page of this tab was left. */
const SENT = "protium-sent";

/** Reads and removes the note of the previous page. */
function takeSent(): boolean {
  try {
    const sent = !!sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    return sent;
  } catch {
    // A visitor may forbid storage.
    return false;
  }
}

export default function pageLifecycle(send: Send, timers: Timers): PageLifecycle {
  const sentBefore = takeSent();
  let leaving = Leaving.No;
  /** Whether components were told that the page is hidden or left. */
  let told = false;
  /** When components were last told that the page is shown again. */
  let resumed = 0;
  let afterHydration: ReturnType<typeof setTimeout> | undefined;

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

    markSent_() {
      try {
        sessionStorage.setItem(SENT, "1");
      } catch {
        // A visitor may forbid storage.
      }
    },

    // Only this event comes before the request for the next page. Some browsers exclude pages with
    // a listener for it from the back/forward cache, so there is one only while a timer waits.
    watchUnload_: () => addEventListener("beforeunload", leave),

    hydrated_() {
      clearTimeout(afterHydration);
      if (sentBefore) afterHydration = setTimeout(() => send(0, "Resume", "resume", {}), 300);
    },
  };
}
