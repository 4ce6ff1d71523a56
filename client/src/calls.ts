/** Calls into Go, one after the other: what a call answers is done before the next one. */
import { type Reporter, reportTo } from "./adopt.ts";
import type { Island } from "./blocks.ts";
import { type Call, call, compile, start, text } from "./module.ts";
import { loadPart, loadRest, rest } from "./parts.ts";
import { type Effect, decode } from "./patch.ts";
import { capture } from "./queue.ts";
import { settle } from "./slots.ts";
import { state } from "./state.ts";
import type { Value } from "./values.ts";

declare const DEV: string;

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
    const dev = dev_ && loadPart<{ report: Reporter }>(DEV);
    await compile(url_, lane_);
    if (dev) reportTo((await dev).report);
    start();
    state.started_ = true;
    // The module came late: handlers work from now on after all.
    if (!state.lost_) capture().m = rest ? 1 : 0;
    return true;
  })().catch(trouble({})));

/** Hands an error to the part that knows what to do. */
const trouble =
  (about: About) =>
  (error: unknown): boolean | Promise<boolean> =>
    rest ? rest.failed_(error, about) : loadRest().then((rest) => !!rest?.failed_(error, about));

/**
 * Carries out a patch, whole or not at all: all of it is read before anything is changed. Its
 * effects are returned.
 */
export function apply(output: Uint8Array<ArrayBuffer>, area: string): Effect[] {
  const effects: Effect[] = [];
  for (const step of decode(output, area, effects)) step();
  settle();
  return effects;
}

/**
 * Makes a call and does what it answers. False, or kept as false, where it failed; then nothing has
 * changed, and it was reported. It is a promise only as long as the rest of the runtime is not
 * there, which is for hydrate calls only.
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
      // Thrown where the rest is needed; nothing has changed by then.
      if (error) throw error;
      return loadRest()
        .then((rest) => !!rest && finish())
        .catch(trouble(about));
    }
  } catch (error) {
    return trouble(about)(error);
  }
}
