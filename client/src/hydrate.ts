/** Hydration: due islands are passed to Go in one call, with the stores of new snapshots. */
import type { Island } from "./blocks.ts";
import { invoke, ready } from "./calls.ts";
import { loadRest, rest } from "./parts.ts";
import { capture } from "./queue.ts";
import { state } from "./state.ts";
import type { Value } from "./values.ts";

let stores: { [name: string]: Value } = {};
let due: Island[] = [];
let pass: Promise<void> | undefined;

/** Adds stores to the next hydrate call. */
export function addStores(more: { [name: string]: Value } | undefined): void {
  Object.assign(stores, more);
}

/** Hydrates an island in the next call. Resolves when it is hydrated, or failed. */
function enqueue(island: Island): Promise<unknown> {
  return (island.hydration_ ??= (due.push(island), (pass ??= Promise.resolve().then(flush))));
}

/** Hydrates an island, and delivers the events that waited for it. */
export const hydrateSoon = (island: Island): Promise<void> =>
  enqueue(island).then(() => rest?.replay_());

async function flush(): Promise<void> {
  void loadRest();
  // Islands that become due while the module loads are in the first call, later ones in another.
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
