/** Timers that call handlers. Some are also due when the page is left. */
import type { Send } from "./messages.ts";

interface Timer {
  /** The browser's timer. */
  id_: ReturnType<typeof setTimeout>;
  run_(): void;
  /** Whether it is due when the page is left. */
  leave_: boolean;
}

export interface Timers {
  /** Calls a handler after a time. A pending timer for the same handler is replaced. */
  set_(target: number, handler: string, milliseconds: number, leave: boolean): void;
  /** Runs the timers that are due when the page is left, but none that their handlers set. */
  leave_(): void;
}

export default function timersOf(send: Send): Timers {
  const timers = new Map<string, Timer>();
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
    },

    leave_() {
      for (const [key, { id_, run_, leave_ }] of [...timers]) {
        if (!leave_) continue;
        clearTimeout(id_);
        timers.delete(key);
        run_();
      }
    },
  };
}
