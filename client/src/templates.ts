/** Templates: the shapes that blocks are made from. */
import { rest } from "./parts.ts";
import type { Datum, Slot } from "./slots.ts";

/** Parses the HTML of one element, which is in an inert document. */
export function parse(html: string): Element {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild!;
}

/** The types of events that shapes name. `rest` listens to them once it is there. */
export const listened = new Set<string>();

/** Has a type of event listened to. */
export function listen(type: string): void {
  listened.add(type);
  rest?.listen_(type);
}

/** The way from a block's root to one of its nodes: child indices, valid in a fresh clone only. */
export type Way = number[];

/** A shape, filled and cloned to make blocks. */
export interface Prototype {
  root_: Element;
  /** Its slot nodes. */
  nodes_: Node[];
  /** For each slot what was written last. */
  last_: Datum[];
  /** The ways to the slot nodes. */
  ways_: Way[];
  /** The ways to the elements that carry an id on the server, by path. */
  paths_: Map<string, Way>;
}

export interface Template {
  html_: string;
  slots_: Slot[];
  /** The paths of all elements that carry an id on the server. */
  ids_?: string[];
  /** One for HTML and one for SVG. */
  protos_: Prototype[];
}

/** The elements with ids, in a template by path, in a page by id. The first of a name counts. */
export function byId(root: ParentNode): Map<string, Element> {
  const found = new Map<string, Element>();
  for (const element of [root as Element, ...root.querySelectorAll("[data-go-id]")]) {
    const id = element.getAttribute?.("data-go-id");
    id == null || found.has(id) || found.set(id, element);
  }
  return found;
}

/** The ids in a template. Its events are listened to from now on. */
export function ids(template: Template): string[] {
  return (template.ids_ ??= Array.from(byId(parse(template.html_)), ([path, element]) => {
    for (const word of element.getAttribute("data-go-on")?.split(" ") ?? [])
      listen(word.split(":")[0]!);
    return path;
  }));
}
