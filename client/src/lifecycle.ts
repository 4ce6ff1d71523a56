/**
 * What an island needs once it is hydrated: other directives than `load`, care for what is typed,
 * other scripts, pages that are seen again.
 */
import type { Island } from "./blocks.ts";
import { type Guard, guard, restore } from "./controls.ts";
import type { Core } from "./core.ts";
import { schedule } from "./directives.ts";
import { type Send, alive } from "./messages.ts";
import { takeUp } from "./persistence.ts";
import { sentOnLeaving } from "./timers.ts";
import type { Value } from "./values.ts";

export interface Later extends Pick<Guard, "setValue_"> {
  schedule_(island: Island): void;
  /**
   * Looks after islands that were just hydrated: what the browser restored reaches Go, then what
   * happened to them.
   */
  restore_(islands: Island[]): void;
  call_(id: string, handler: string, args: Value[]): boolean | Promise<boolean>;
}

export default function later(core: Core, send: Send, replay: () => void): Later {
  const { setValue_, show_ } = guard(core);
  const outrun = sentOnLeaving();
  let resumed = 0;
  let settled: ReturnType<typeof setTimeout> | undefined;

  /** A page that is seen again may be out of date. */
  const resume = (event: Event): void => {
    // A page that comes back from the cache tells it twice.
    if (event.timeStamp - resumed > 500) {
      resumed = event.timeStamp;
      send(0, "Resume", "resume", {});
    }
  };
  addEventListener("pageshow", (event) => event.persisted && resume(event));
  document.addEventListener(
    "visibilitychange",
    (event) => document.visibilityState == "visible" && resume(event),
  );

  return {
    setValue_,
    schedule_: (island) => schedule(island, () => core.soon_(island)),

    restore_(islands) {
      const controls = islands.flatMap(({ block_ }) =>
        block_ ? restore(block_.root_, core.state_.told_) : [],
      );
      for (const { block_, placed_ } of islands)
        if (block_) takeUp(send, block_.handle_, placed_.id);
      replay();
      controls.forEach(show_);
      // What the page before sent as it was left may have come later than this page was made.
      clearTimeout(settled);
      if (outrun) settled = setTimeout(() => send(0, "Resume", "resume", {}), 300);
    },

    async call_(id, on, args) {
      const island = core.islands_.get(id);
      if (island) await core.soon_(island);
      const block = island?.block_;
      return (
        !!block &&
        alive(core) &&
        core.invoke_(
          "go_event",
          { h: block.handle_, on, type: "call", v: { args } },
          { id, handler: on },
        )
      );
    },
  };
}
