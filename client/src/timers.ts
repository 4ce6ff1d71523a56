/** Timers of handlers, and the page's end: what is due before the page is left is done by then. */
import type { Send } from "./messages.ts";

interface Timer {
  /** Of the browser. */
  id_: ReturnType<typeof setTimeout>;
  run_(): void;
  /** Whether it is due when the page is left. */
  leave_: boolean;
}

/** Why handlers are called just now. */
export const enum Leaving {
  No,
  /** The page is hidden, and may go on. */
  Hidden,
  /** The page is left. */
  Page,
}

export interface Timers {
  /** Calls a handler after a time. One that waits for the same handler is replaced. */
  set_(target: number, handler: string, milliseconds: number, leave: boolean): void;
  /** Whether handlers are called because the page is hidden or left. */
  leaving_(): Leaving;
}

/** Left for the next page of this tab when something was sent by the one before as it was left. */
const SENT = "protium-sent";

export function timersOf(send: Send): Timers {
  const timers = new Map<string, Timer>();
  let leaving = Leaving.No;
  /** Whether components know that the page is hidden or left. */
  let told = false;

  /** Calls the handlers that are due when the page is left. Those that they ask for wait. */
  const leave = ({ type }: Event): void => {
    leaving = type == "visibilitychange" ? Leaving.Hidden : Leaving.Page;
    for (const [key, { id_, run_, leave_ }] of [...timers]) {
      if (!leave_) continue;
      clearTimeout(id_);
      timers.delete(key);
      run_();
    }
    // The visitor may stay after beforeunload.
    if (!told && type != "beforeunload") {
      told = true;
      send(0, "Leave", "leave", {});
    }
    leaving = Leaving.No;
    removeEventListener("beforeunload", leave);
  };
  // A tab that is hidden may never be seen again. Of these events beforeunload alone comes before
  // the next page is asked for; some browsers keep no page with a listener for it, so it has one
  // only while something waits.
  addEventListener("pagehide", leave);
  addEventListener("pageshow", () => (told = false));
  document.addEventListener("visibilitychange", (event) => {
    if (document.visibilityState == "hidden") leave(event);
    else told = false;
  });

  return {
    set_(target, handler, milliseconds, leave_) {
      const key = target + " " + handler;
      clearTimeout(timers.get(key)?.id_);
      const run_ = (): void => {
        timers.delete(key);
        if (target) send(target, handler, "timer", {});
      };
      const id_ = setTimeout(run_, Math.min(milliseconds, 0x7fffffff));
      timers.set(key, { id_, run_, leave_ });
      if (leave_) addEventListener("beforeunload", leave);
    },
    leaving_: () => leaving,
  };
}

/** Notes that something was sent as the page was left. */
export function markSent(): void {
  try {
    sessionStorage.setItem(SENT, "1");
  } catch {
    // A visitor may forbid storage.
  }
}

/**
 * Whether the page before sent something as it was left: then this one may have been made before it
 * arrived.
 */
export function sentOnLeaving(): boolean {
  try {
    const sent = !!sessionStorage.getItem(SENT);
    sessionStorage.removeItem(SENT);
    return sent;
  } catch {
    return false;
  }
}
