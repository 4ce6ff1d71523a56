/** What the parts are handed of the core. */
import { blocks, enter, islands, mark, own, owner } from "./block.ts";
import { alive, free, invoke, send } from "./calls.ts";
import { replay, soon } from "./events.ts";
import { parse } from "./html.ts";
import { call, frame, start, text } from "./instance.ts";
import { apply } from "./patch.ts";
import { locate, write } from "./slot.ts";
import { state } from "./state.ts";
import { byId, ids } from "./template.ts";

export const core = {
  alive_: alive,
  apply_: apply,
  blocks_: blocks,
  byId_: byId,
  call_: call,
  enter_: enter,
  frame_: frame,
  free_: free,
  ids_: ids,
  invoke_: invoke,
  islands_: islands,
  locate_: locate,
  mark_: mark,
  own_: own,
  owner_: owner,
  parse_: parse,
  replay_: replay,
  send_: send,
  soon_: soon,
  start_: start,
  state_: state,
  text_: text,
  write_: write,
};

export type Core = typeof core;
