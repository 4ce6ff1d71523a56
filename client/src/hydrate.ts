/** Hydration: islands that are due go to Go together, with the stores that came in the meantime. */
import type { Island } from "./blocks.ts";
import { invoke, ready } from "./calls.ts";
import { loadRest, rest } from "./parts.ts";
import { capture } from "./queue.ts";
import { state } from "./state.ts";
import type { Value } from "./values.ts";

let stores: { [name: string]: Value } = {};
let due: Island[] = [];
let pass: Promise<void> | undefined;

/** Keeps stores for the next hydrate call. */
export function bring(more: { [name: string]: Value } | undefined): void {
  Object.assign(stores, more);
}

/** Hydrates an island soon. The promise is kept when it is hydrated, or will not be. */
function wake(island: Island): Promise<unknown> {
  return (island.woken_ ??= (due.push(island), (pass ??= Promise.resolve().then(flush))));
}

/** Hydrates an island, and delivers what waited for it. */
export const soon = (island: Island): Promise<void> => wake(island).then(() => rest?.replay_());

async function flush(): Promise<void> {
  void loadRest();
  // Islands that became due while the module loaded come along, those that do later have a call of
  // their own.
  while (due[0]) {
    const started = await ready();
    const batch = due.filter((island) => island.root_.isConnected);
    due = [];
    if (!started || !batch[0] || capture().m > 1) continue;
    const input = {
      ctx: state.saved_ ? undefined : state.module_!.ctx_,
      stores,
      islands: batch.map(({ placed_ }) => placed_),
    };
    if (await invoke("go_hydrate", input, { islands_: batch })) {
      stores = {};
      for (const island of batch) {
        state.hydrated_.push(island);
        document.dispatchEvent(
          new CustomEvent("go:hydrated", { detail: { id: island.placed_.id } }),
        );
      }
      void loadRest().then((rest) => rest?.restore_(batch));
    }
  }
  pass = undefined;
}
