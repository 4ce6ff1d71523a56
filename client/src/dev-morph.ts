/** Development: makes the page's nodes like other ones, and writes only what differs. */

/** Elements of the page that stay as they are, where the other nodes have a place for each. */
export class KeptElements {
  readonly #elements = new Map<Element, Element>();

  /** What the page's author put into the element (`go-slot`) is still compared. */
  add(place: Element, element: Element): void {
    this.#elements.set(place, element);
  }

  at(place: Node): Element | undefined {
    return this.#elements.get(place as Element);
  }
}

/** Attributes that the visitor changes as well. */
const OF_THE_VISITOR = /^(open|value|checked|selected|data-go-hydrated)$/;
/** What only the browser's first look at a page needs. */
const PRELOADS = "link[rel=preload],link[rel=modulepreload]";

export function morph(old: Element, now: Element, kept = new KeptElements()): void {
  now.querySelectorAll(PRELOADS).forEach((link) => link.remove());
  element(old, now, kept);
}

function element(old: Element, now: Element, kept: KeptElements): void {
  for (const { name, value } of now.attributes)
    if (old.getAttribute(name) != value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes])
    if (!now.hasAttribute(name) && !OF_THE_VISITOR.test(name)) old.removeAttribute(name);
  children(old, now, kept);
}

/** What tells an element from its neighbours: a style sheet has another query when it is new. */
function key(node: Node): string | undefined {
  const { id, dataset, localName, href } = node as HTMLLinkElement;
  if (node.nodeType != 1 || localName == "go-slot") return undefined;
  if (localName == "link") return href && new URL(href).pathname;
  return dataset["goId"] ?? (id || undefined);
}

/** What the server's page has not, and the page keeps: preloads, and the box with errors. */
const stays = (node: Node): boolean =>
  node.nodeType == 1 &&
  ((node as Element).matches(PRELOADS) ||
    (node.nodeName == "DIALOG" && node.parentNode == document.documentElement));

function children(old: Element, now: Element, kept: KeptElements): void {
  const wanted = [...now.childNodes];
  const elements = new Set<Node | undefined>(wanted.map((node) => kept.at(node)));
  const free = [...old.childNodes].filter((node) => !elements.has(node) && !stays(node));
  const take = (fits: (node: ChildNode) => boolean): ChildNode | undefined => {
    const index = free.findIndex(fits);
    return index < 0 ? undefined : free.splice(index, 1)[0];
  };
  const nodes = wanted.map((want) => {
    const like = (node: ChildNode): boolean =>
      node.nodeName == want.nodeName && key(node) == key(want);
    const node = kept.at(want) ?? take((node) => like(node) && node.isEqualNode(want));
    return node ?? take(like) ?? made(want, kept);
  });
  for (const node of free) node.remove();
  let at: ChildNode | null = old.firstChild;
  nodes.forEach((node, index) => {
    while (at && stays(at)) at = at.nextSibling;
    if (node == at) at = at.nextSibling;
    else old.insertBefore(node, at);
    adapt(node, wanted[index]!, kept);
  });
}

/** Makes a node like another one of its kind. */
function adapt(node: ChildNode, want: Node, kept: KeptElements): void {
  if (kept.at(want)) slot(node as Element, want as Element, kept);
  else if (node.isEqualNode(want) || node.nodeName == "LINK") return;
  else if (node.nodeType == 1) element(node as Element, want as Element, kept);
  else node.nodeValue = want.nodeValue;
}

/** A copy of a node, with the kept elements in their places. */
function made(node: ChildNode, kept: KeptElements): ChildNode {
  const same = kept.at(node);
  if (same) return same;
  const copy = document.importNode(node, node.nodeName == "TEMPLATE");
  for (const child of [...node.childNodes]) copy.appendChild(made(child, kept));
  return copy;
}

/** The page's own content within a component. */
function slot(old: Element, now: Element, kept: KeptElements): void {
  const [before, after] = [old, now].map((root) => root.querySelector("go-slot"));
  if (before && after) children(before, after, kept);
}
