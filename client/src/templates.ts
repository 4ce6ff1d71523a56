/** Templates: the recorded shapes that blocks are made from. */
import { rest } from "./parts.ts";
import type { Datum, Slot } from "./slots.ts";

/** Parses the HTML of one element, in an inert document. */
export function parse(html: string): Element {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild!;
}

/** The event types in templates. `rest` listens to them once it is loaded. */
export const listened = new Set<string>();

/** Adds an event type. */
export function listen(type: string): void {
  listened.add(type);
  rest?.listen_(type);
}

/** Child indices from a block's root to one of its nodes. Valid only in a fresh clone. */
export type NodePath = number[];

/** A template's nodes, filled with values and cloned to make blocks. */
export interface Prototype {
  root_: Element;
  /** The node of each slot. */
  nodes_: Node[];
  /** The last value written to each slot. */
  last_: Datum[];
  /** Where a clone has the node of each slot. */
  nodePaths_: NodePath[];
  /** Where a clone has the elements with an id on the server, by their path of the protocol. */
  elementPaths_: Map<string, NodePath>;
}

export interface Template {
  html_: string;
  slots_: Slot[];
  /** The paths of all elements with an id on the server. */
  ids_?: string[];
  /** One for HTML and one for SVG. */
  protos_: Prototype[];
}

/** The elements with ids: by path in a template, by id in a page. The first of an id counts. */
export function byId(root: ParentNode): Map<string, Element> {
  const found = new Map<string, Element>();
  for (const element of [root as Element, ...root.querySelectorAll("[data-go-id]")]) {
    const id = element.getAttribute?.("data-go-id");
    id == null || found.has(id) || found.set(id, element);
  }
  return found;
}

/** The paths of elements with ids in a template. Listens to the template's events from now on. */
export function ids(template: Template): string[] {
  return (template.ids_ ??= Array.from(byId(parse(template.html_)), ([path, element]) => {
    for (const word of element.getAttribute("data-go-on")?.split(" ") ?? [])
      listen(word.split(":")[0]!);
    return path;
  }));
}
