/** What follows the hydration of islands: restored controls, stored state, waiting events. */
import type { Island } from "./blocks.ts";
import { type Guard, guard, restore } from "./controls.ts";
import type { Core } from "./core.ts";
import { schedule } from "./directives.ts";
import type { Send } from "./messages.ts";
import type { PageLifecycle } from "./page-lifecycle.ts";
import { restoreState } from "./persistence.ts";

export interface AfterHydration extends Pick<Guard, "setValue_"> {
  /** Hydrates an island when its directive says. */
  schedule_(island: Island): void;
  /** Delivers what the browser restored in these islands, then the events that waited for them. */
  restore_(islands: Island[]): void;
}

export default function afterHydration(
  core: Core,
  send: Send,
  replay: () => void,
  lifecycle: PageLifecycle,
): AfterHydration {
  const { setValue_, show_ } = guard(core);
  return {
    setValue_,
    schedule_: (island) => schedule(island, () => core.hydrateSoon_(island)),

    restore_(islands) {
      const controls = islands.flatMap(({ block_ }) =>
        block_ ? restore(block_.root_, core.state_.reported_) : [],
      );
      for (const { block_, placed_ } of islands)
        if (block_) restoreState(send, block_.handle_, placed_.id);
      replay();
      controls.forEach(show_);
      lifecycle.hydrated_();
    },
  };
}
