/** The PERSIST effect: state of islands in session or local storage, restored on later pages. */
import type { Send } from "./messages.ts";

/** At most this many UTF-16 units of JSON are restored for an island. */
const LIMIT = 64 << 10;

/** Sends an island the state that an earlier page stored. Go decides what of it is used. */
export function restoreState(send: Send, handle: number, id: string): void {
  for (const storage of ["sessionStorage", "localStorage"] as const) {
    try {
      const text = window[storage].getItem("go:" + id);
      if (!text || text.length > LIMIT) continue;
      const { version, state } = JSON.parse(text);
      send(handle, "", "persisted", { version, state });
    } catch {
      // A visitor may forbid storage, and may have changed what is in it.
    }
  }
}

/** Stores the state of an island, as JSON; an empty one is deleted. */
export function storeState(id: string, storage: string, version: string, state: string): void {
  try {
    const area = storage == "local" ? localStorage : sessionStorage;
    if (state) area.setItem("go:" + id, `{"version":${JSON.stringify(version)},"state":${state}}`);
    else area.removeItem("go:" + id);
  } catch {
    // A visitor may forbid storage, and it may be full.
  }
}
