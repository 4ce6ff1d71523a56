/** Calls into Go, and their results: a call's patch is applied before the next call. */
import type { Island } from "./blocks.ts";
import { type Call, call, compile, start, text } from "./module.ts";
import { core, loadPart, loadRest, rest } from "./parts.ts";
import { type Effect, decode } from "./patch.ts";
import { capture } from "./queue.ts";
import { settle } from "./slots.ts";
import { state } from "./state.ts";
import type { Value } from "./values.ts";

declare const DEV: string;

/** What a call was for, in reports. */
export interface About {
  handler?: string;
  id?: string | undefined;
  /** The islands of a hydrate call. */
  islands_?: Island[];
}

let loading: Promise<boolean> | undefined;

/** Loads and starts the module, once. Resolves to false if that fails. */
export const ready = (): Promise<boolean> =>
  (loading ??= (async () => {
    const { url_, lane_, dev_ } = state.module_!;
    const dev = dev_ && loadPart<{ default(core: unknown): void }>(DEV);
    await compile(url_, lane_);
    if (dev) (await dev).default(core);
    start();
    state.started_ = true;
    // The inline script may have given up waiting: handlers work from now on after all.
    if (!state.lost_) capture().m = rest ? 1 : 0;
    return true;
  })().catch(recover({})));

/** Passes an error to `recovery`, which is loaded for it if necessary. */
const recover =
  (about: About) =>
  (error: unknown): boolean | Promise<boolean> =>
    rest ? rest.failed_(error, about) : loadRest().then((rest) => !!rest?.failed_(error, about));

/**
 * Applies a patch, whole or not at all: all of it is decoded before anything is changed. Returns
 * its effects.
 */
export function apply(output: Uint8Array<ArrayBuffer>, area: string): Effect[] {
  const effects: Effect[] = [];
  for (const step of decode(output, area, effects)) step();
  settle();
  return effects;
}

/**
 * Makes a call and applies its patch. False if it failed: then nothing has changed, and the error
 * was reported. The result is a promise only while the rest of the runtime is not loaded, as in the
 * first hydrate calls.
 */
export function invoke(
  name: Call,
  input: { [key: string]: Value },
  about: About,
): boolean | Promise<boolean> {
  try {
    const output = call(name, input);
    const area = text(5);
    const finish = (): boolean => {
      const effects = apply(output, area);
      state.saved_ = call("go_save");
      if (effects[0]) rest!.run_(effects);
      return true;
    };
    try {
      return finish();
    } catch (error) {
      // `decode` throws undefined when it needs the rest; nothing has changed by then.
      if (error) throw error;
      return loadRest()
        .then((rest) => !!rest && finish())
        .catch(recover(about));
    }
  } catch (error) {
    return recover(about)(error);
  }
}
