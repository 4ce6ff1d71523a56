/** What need not be there from the start: other directives than `load`, care for what is typed, other scripts, pages that are seen again. */
import type { Island } from "./block.ts";
import type { Core } from "./core.ts";
import { guard } from "./guard.ts";
import { restore } from "./restore.ts";
import { schedule } from "./schedule.ts";
import type { Value } from "./value.ts";

export interface Later {
  schedule_(island: Island): void;
  /** Looks after an island that was just hydrated. */
  restore_(island: Island): void;
  call_(id: string, handler: string, args: Value[]): Promise<boolean>;
}

export default function later(core: Core): Later {
  core.state_.guard_ = guard();

  let resumed = 0;

  /** A page that is seen again may be out of date. */
  const resume = (event: Event): void => {
    // A page that comes back from the cache tells it twice.
    if (event.timeStamp - resumed > 500) {
      resumed = event.timeStamp;
      void core.send_(0, "Resume", "resume", {});
    }
  };
  addEventListener("pageshow", (event) => event.persisted && resume(event));
  document.addEventListener("visibilitychange", (event) => document.visibilityState == "visible" && resume(event));

  return {
    schedule_: (island) => schedule(island, () => core.soon_(island)),

    restore_({ block_ }) {
      if (block_) restore(block_.root_, core.state_.told_);
      core.replay_();
    },

    async call_(id, on, args) {
      const island = core.islands_.get(id);
      if (island) await core.soon_(island);
      await core.free_();
      const block = island?.block_;
      return !!block && core.alive_() && core.invoke_("go_event", { h: block.handle_, on, type: "call", v: { args } }, { id, handler: on });
    },
  };
}
