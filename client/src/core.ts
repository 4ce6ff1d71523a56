/** The core's functions that are passed to the other parts. */
import { blocks, enter, islands, mark, own, owner } from "./blocks.ts";
import { apply, invoke } from "./calls.ts";
import { giveUp, report } from "./fallback.ts";
import { hydrateSoon } from "./hydrate.ts";
import { call, compile, frame, start, text } from "./module.ts";
import { locate, write } from "./slots.ts";
import { state } from "./state.ts";
import { byId, ids, listened, parse } from "./templates.ts";

export const core = {
  apply_: apply,
  blocks_: blocks,
  byId_: byId,
  call_: call,
  compile_: compile,
  enter_: enter,
  frame_: frame,
  giveUp_: giveUp,
  hydrateSoon_: hydrateSoon,
  ids_: ids,
  invoke_: invoke,
  islands_: islands,
  listened_: listened,
  locate_: locate,
  mark_: mark,
  own_: own,
  owner_: owner,
  parse_: parse,
  report_: report,
  start_: start,
  state_: state,
  text_: text,
  write_: write,
};

export type Core = typeof core;
