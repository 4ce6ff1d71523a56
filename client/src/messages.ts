/** Messages to Go: results of effects, and events of the page as a whole. */
import type { Core } from "./core.ts";
import type { Value } from "./values.ts";

export type Send = (
  handle: number,
  handler: string,
  type: string,
  value: { [key: string]: Value },
) => void;

/** Whether Go can be called: there is an instance, and the page has not fallen back to forms. */
export const alive = (core: Core): boolean => !!core.state_.saved_ && window.goQueue.m < 2;

export const sender =
  (core: Core): Send =>
  (h, on, type, v) => {
    if (alive(core)) void core.invoke_("go_message", { h, on, type, v }, { handler: on });
  };
