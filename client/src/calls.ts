/** Calls into Go, one after the other: what a call answers is done before the next one. */
import { reportTo } from "./adopt.ts";
import { blocks, type Island } from "./block.ts";
import { call, compile, start, text, type Call } from "./instance.ts";
import { loadRecover } from "./parts.ts";
import { apply, type Effect } from "./patch.ts";
import { capture } from "./queue.ts";
import { state } from "./state.ts";
import type { Value } from "./value.ts";

declare const DEV: string;
declare const EFFECTS: string;

/** What a call was about, for reports. */
export interface About {
  handler?: string;
  id?: string | undefined;
  /** The islands of a hydrate call. */
  islands_?: Island[];
}

let loading: Promise<boolean> | undefined;

/** Loads and starts the module, once. Kept as false where there is none. */
export const ready = (): Promise<boolean> =>
  (loading ??= (async () => {
    const { url_, lane_, dev_ } = state.module_!;
    const dev = dev_ && import(DEV);
    await compile(url_, lane_);
    if (dev) reportTo((await dev).report);
    start();
    state.started_ = true;
    // A page that had given up takes heart again.
    capture().m = 1;
    return true;
  })().catch(trouble({})));

/** Kept when Go may be called again; undefined where it may be now. */
export let busy: Promise<unknown> | undefined;

/** Waits until Go may be called. */
export async function free(): Promise<void> {
  while (busy) await busy;
}

/** Lets nothing into Go until the promise is kept. */
function hold(promise: Promise<boolean>): Promise<boolean> {
  return (busy = promise.finally(() => (busy = undefined))) as Promise<boolean>;
}

/** Hands an error to the part that knows what to do. */
const trouble =
  (about: About) =>
  (error: unknown): Promise<boolean> =>
    loadRecover().then(
      (recover) => recover.failed_(error, about),
      () => {
        capture().r();
        return false;
      },
    );

/** Makes a call and does what it answers. False, or kept as false, where it failed; then nothing has changed, and it was reported. */
export function invoke(name: Call, input: { [key: string]: Value }, about: About): boolean | Promise<boolean> {
  const effects: Effect[] = [];
  const finish = (): boolean => {
    state.saved_ = call("go_save");
    if (effects.length) void import(EFFECTS).then(({ run }) => run(effects, send, (handle: number) => blocks[handle]?.root_));
    return true;
  };
  try {
    const output = call(name, input);
    const more = apply(output, text(5), effects);
    return more ? hold(more.then(finish).catch(trouble(about))) : finish();
  } catch (error) {
    return hold(trouble(about)(error));
  }
}

/** Whether Go can be called at all: there is an instance, and the page has not given up. */
export const alive = (): boolean => !!state.saved_ && capture().m < 2;

/** A message to Go. */
export async function send(h: number, on: string, type: string, v: Value): Promise<void> {
  await free();
  if (alive()) void invoke("go_message", { h, on, type, v }, { handler: on });
}
