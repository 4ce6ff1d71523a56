/** The types of events that the shapes name; who hears them comes with the rest of the runtime. */
import { rest } from "./parts.ts";

export const listened = new Set<string>();

/** Has a type of event listened to. */
export function listen(type: string): void {
  listened.add(type);
  rest?.listen_(type);
}
