/** State that components have the browser keep across pages. */
import type { Send } from "./messages.ts";

/** What is kept of an island is at most this many UTF-16 units of JSON. */
const LIMIT = 64 << 10;

/** Sends an island the state that an earlier page stored. Go decides what of it is used. */
export function takeUp(send: Send, handle: number, id: string): void {
  for (const storage of ["sessionStorage", "localStorage"] as const) {
    try {
      const text = window[storage].getItem("go:" + id);
      if (!text || text.length > LIMIT) continue;
      const { version, state } = JSON.parse(text);
      send(handle, "", "persisted", { version, state });
    } catch {
      // A visitor may forbid storage, and anything may stand in it.
    }
  }
}

/** Keeps a state of an island, in JSON; nothing is kept any more where it is empty. */
export function keep(id: string, storage: string, version: string, state: string): void {
  try {
    const area = storage == "local" ? localStorage : sessionStorage;
    if (state) area.setItem("go:" + id, `{"version":${JSON.stringify(version)},"state":${state}}`);
    else area.removeItem("go:" + id);
  } catch {
    // A visitor may forbid storage, and it may be full.
  }
}
