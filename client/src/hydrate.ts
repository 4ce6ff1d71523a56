/** Hydration: islands that are due go to Go together, with the stores that came in the meantime. */
import type { Island } from "./block.ts";
import { free, invoke, ready } from "./calls.ts";
import { loadLater } from "./parts.ts";
import { capture } from "./queue.ts";
import { state } from "./state.ts";
import type { Value } from "./value.ts";

let stores: { [name: string]: Value } = {};
let due: Island[] = [];
let pass: Promise<void> | undefined;

/** Keeps stores for the next hydrate call. */
export function bring(more: { [name: string]: Value } | undefined): void {
  Object.assign(stores, more);
}

/** Hydrates an island soon. The promise is kept when it is hydrated, or will not be. */
export function wake(island: Island): Promise<unknown> {
  return (island.woken_ ??= (due.push(island), (pass ??= Promise.resolve().then(flush))));
}

async function flush(): Promise<void> {
  const started = await ready();
  await free();
  // Islands that became due while the module loaded come along.
  const batch = due.filter((island) => island.root_.isConnected);
  due = [];
  pass = undefined;
  if (!started || !batch.length || capture().m > 1) return;
  const input = { ctx: state.saved_ ? undefined : state.module_!.ctx_, stores, islands: batch.map(({ placed_ }) => placed_) };
  if (await invoke("go_hydrate", input, { islands_: batch })) {
    stores = {};
    for (const island of batch) {
      state.hydrated_.push(island);
      document.dispatchEvent(new CustomEvent("go:hydrated", { detail: { id: island.placed_.id } }));
      void loadLater().then((later) => later.restore_(island));
    }
  }
}
