/** Prototypes: a template's HTML, parsed once in an inert document and cloned for each block. */
import type { Core } from "./core.ts";
import { Kind } from "./slots.ts";
import type { NodePath, Prototype, Template } from "./templates.ts";

/** Makes the prototype of a template: with a text node for each text slot. */
export function prepare(core: Core, template: Template, svg: boolean): Prototype {
  core.ids_(template);
  const root = svg
    ? core.parse_(`<svg>${template.html_}</svg>`).firstElementChild!
    : core.parse_(template.html_);
  const elements = core.byId_(root);
  const nodes = template.slots_.map((slot) => {
    if (slot.kind_ == Kind.Slot) return root.querySelector("go-slot")!;
    const place = core.locate_(elements.get(slot.path_)!, slot)!;
    if (slot.kind_ != Kind.Text) return place;
    const text = root.ownerDocument.createTextNode("");
    if (place.nodeType == 8) (place as Comment).after(text);
    else (place as Element).append(text);
    return text;
  });
  for (const element of elements.values()) element.removeAttribute("data-go-id");
  return {
    root_: root,
    nodes_: nodes,
    last_: [],
    nodePaths_: nodes.map((node) => pathTo(root, node)),
    elementPaths_: new Map(Array.from(elements, ([id, element]) => [id, pathTo(root, element)])),
  };
}

function pathTo(root: Node, node: Node): NodePath {
  const path: NodePath = [];
  for (let at = node; at != root; at = at.parentNode!) {
    let index = 0;
    for (let before = at.previousSibling; before; before = before.previousSibling) index++;
    path.unshift(index);
  }
  return path;
}

/** The node at a path. Walking siblings is faster than `childNodes[i]` in short lists. */
export function nodeAt(node: Node, path: NodePath): Node {
  for (let index of path) {
    node = node.firstChild!;
    while (index--) node = node.nextSibling!;
  }
  return node;
}
