/** Timers of handlers, and the page's end: what is due before the page is left is done by then. */
import type { Send } from "./send.ts";

interface Timer {
  /** Of the browser. */
  id_: ReturnType<typeof setTimeout>;
  run_(): void;
  /** Whether it is due when the page is left. */
  leave_: boolean;
}

export interface Timers {
  /** Calls a handler after a time. One that waits for the same handler is replaced. */
  set_(target: number, handler: string, milliseconds: number, leave: boolean): void;
  /** Whether handlers are called because the page is left for good. */
  leaving_(): boolean;
}

/** Left for the next page of this tab when something was sent by the one before as it was left. */
const SENT = "protium-sent";

export function timersOf(send: Send): Timers {
  const timers = new Map<string, Timer>();
  let leaving = false;

  /** Calls the handlers that are due when the page is left. Those that they ask for wait. */
  const leave = ({ type }: Event): void => {
    // A page that is only hidden for now goes on.
    leaving = type != "visibilitychange";
    for (const [key, { id_, run_, leave_ }] of [...timers]) {
      if (!leave_) continue;
      clearTimeout(id_);
      timers.delete(key);
      run_();
      try {
        sessionStorage.setItem(SENT, "1");
      } catch {
        // A visitor may forbid storage.
      }
    }
    leaving = false;
    removeEventListener("beforeunload", leave);
  };
  // A tab that is hidden may never be seen again, and only the first of these comes before the next
  // page is asked for.
  addEventListener("pagehide", leave);
  document.addEventListener(
    "visibilitychange",
    (event) => document.visibilityState == "hidden" && leave(event),
  );

  return {
    set_(target, handler, milliseconds, leave_) {
      const key = target + " " + handler;
      clearTimeout(timers.get(key)?.id_);
      const run_ = (): void => {
        timers.delete(key);
        if (target) send(target, handler, "timer", {});
      };
      timers.set(key, { id_: setTimeout(run_, Math.min(milliseconds, 0x7fffffff)), run_, leave_ });
      if (leave_) addEventListener("beforeunload", leave);
    },
    leaving_: () => leaving,
  };
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
