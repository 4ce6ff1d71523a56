/** Recovery from failed calls: a report, a new instance, and at last native forms and links. */
import { type Island } from "./blocks.ts";
import type { About } from "./calls.ts";
import type { Core } from "./core.ts";

export interface Recovery {
  /**
   * A call failed, or the module did not load: reports it, and continues with a new instance or
   * without handlers. Always false.
   */
  failed_(error: unknown, about: About): false;
  /** Leaves an island as the server's HTML: its forms and links work natively. */
  leave_(island: Island): void;
  /** Dispatches `go:error`. */
  report_(error: unknown, panic?: string, about?: About): void;
}

export default function recovery(core: Core): Recovery {
  const capture = window.goQueue;
  let traps: number[] = [];

  const report = (error: unknown, panic = "", about: About = {}): void => {
    const { message, stack } = error as Error;
    core.report_({
      ...about,
      message: [panic, message ?? error].filter(Boolean).join(": "),
      stack,
    });
  };

  const leave = (island: Island): void => {
    const root = island.root_;
    for (const element of [root, ...root.querySelectorAll("[data-go-prevent]")]) {
      if (core.owner_(element) == island) element.removeAttribute("data-go-prevent");
    }
    if (capture.q.some((entry) => entry.x && core.owner_(entry.t) == island)) capture.r();
    core.islands_.delete(island.placed_.id);
    core.mark_(root, null);
  };

  /** Starts a new instance from the saved state; gives up after three traps within a minute. */
  const restart = (): void => {
    const now = Date.now();
    traps = [...traps.filter((time) => time > now - 60_000), now];
    if (traps.length > 2) return core.giveUp_();
    try {
      core.start_();
      if (core.state_.saved_) {
        const islands = core.state_.hydrated_.map(({ placed_: { id, c, p } }) => ({ id, c, p }));
        core.apply_(
          core.call_("go_hydrate", {
            ctx: core.state_.module_!.ctx_,
            saved: core.state_.saved_,
            islands,
          }),
          core.text_(5),
        );
      }
    } catch (error) {
      report(error);
      restart();
    }
  };

  return {
    failed_(error, { islands_: islands, ...about }) {
      const refused = typeof error == "string";
      const started = core.state_.started_;
      // The island that trapped is not hydrated again, nor any of them if it is not known which.
      // The others are.
      const culprit = islands?.[core.frame_(8) - 1];
      if (culprit) about.id = culprit.placed_.id;
      report(error, refused || !started ? "" : core.text_(10), about);
      if (!started) core.giveUp_();
      else if (!refused) restart();
      for (const island of islands ?? []) {
        if (culprit && island != culprit) {
          island.hydration_ = undefined;
          void core.hydrateSoon_(island);
        } else {
          leave(island);
        }
      }
      return false;
    },

    leave_: leave,
    report_: report,
  };
}
