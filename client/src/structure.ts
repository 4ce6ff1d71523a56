/** Changes of structure: blocks are made, moved, removed, replaced. */
import type { Block, Island } from "./blocks.ts";
import type { Core } from "./core.ts";
import { Op } from "./patch.ts";
import { edited, isControl } from "./controls.ts";
import { Kind, type SlotText } from "./slots.ts";
import type { Prototype, Template, Way } from "./templates.ts";

export interface Change {
  /** Makes a block, in its place where it has a parent. */
  create_(block: Block, before?: Block): void;
  /**
   * Reads a MOVE, REMOVE, CLEAR or REPLACE, and returns the step that carries it out. `known` gives
   * a block by its handle, or throws.
   */
  carryOut_(op: number, word: () => number, known: (handle: number) => Block): () => void;
  /** Makes an island anew, in the place of what is there; `found` are its elements by id. */
  rebuild_(island: Island, described: Block[], found: Map<string, Element>): void;
}

export default function change(core: Core): Change {
  const { blocks_: blocks } = core;

  /**
   * What the browser fires while nodes move is not the visitor's doing; the focus stays where it
   * was.
   */
  const quietly = (job: () => void): void => {
    const active = document.activeElement as HTMLElement | null;
    core.state_.muted_ = true;
    job();
    if (active != document.activeElement && active?.isConnected)
      active.focus({ preventScroll: true });
    core.state_.muted_ = false;
  };

  const prototype = (template: Template, svg: boolean): Prototype =>
    (template.protos_[+svg] ??= prepare(core, template, svg));

  const build = (block: Block, svg: boolean): void => {
    const { template_: template, values_: values } = block;
    const { root_, nodes_, last_, ways_ } = prototype(template, svg);
    template.slots_.forEach((slot, i) => {
      if (slot.kind_ < Kind.Block && values[i] !== last_[i])
        core.write_(nodes_, template, i, (last_[i] = values[i]!), true);
    });
    block.root_ = document.importNode(root_, true);
    block.nodes_ = ways_.map((way) => follow(block.root_, way));
    template.slots_.forEach((slot, i) => {
      const node = block.nodes_[i]!;
      if (!slot.kind_) (node as SlotText).place_ = node.previousSibling ?? node.parentNode!;
      // The prototype cannot carry properties, nor a select's value: its options come later.
      if (slot.kind_ > Kind.Slot || (slot.kind_ == Kind.Value && node instanceof HTMLSelectElement))
        core.write_(block.nodes_, template, i, values[i]!);
    });
    block.values_ = [];
  };

  const place = (block: Block, before: Block | undefined): void => {
    const node = block.parent_!.nodes_[block.slot_]!;
    if (before) before.root_.before(block.root_);
    else if (node.nodeType == 8) (node as Comment).before(block.root_);
    else (node as Element).append(block.root_);
  };

  const create = (block: Block, before?: Block): void => {
    const node = block.parent_?.nodes_[block.slot_];
    const around = node?.nodeType == 8 ? node.parentElement : (node as Element | undefined);
    build(
      block,
      around?.namespaceURI == "http://www.w3.org/2000/svg" && around.localName != "foreignObject",
    );
    if (node) place(block, before);
    core.enter_(block);
  };

  const forget = (block: Block): void => {
    if (blocks[block.handle_] == block) delete blocks[block.handle_];
    block.kids_.forEach((kids) => kids.forEach(forget));
  };

  /** The page's own content moves into the new root. */
  const replace = (old: Element, block: Block): void => {
    const index = block.template_.slots_.findIndex((slot) => slot.kind_ == Kind.Slot);
    const content = old.querySelector("go-slot");
    if (index >= 0 && content) {
      (block.nodes_[index] as Element).replaceWith(content);
      block.nodes_[index] = content;
    }
    old.replaceWith(block.root_);
  };

  return {
    create_: create,

    carryOut_(op, word, known) {
      const block = known(word());
      if (op == Op.Move) {
        const handle = word();
        const before = handle ? known(handle) : undefined;
        return () => quietly(() => place(block, before));
      }
      if (op == Op.Remove) {
        return () => {
          block.parent_?.kids_[block.slot_]?.delete(block);
          quietly(() => block.root_.remove());
          forget(block);
        };
      }
      if (op == Op.Clear) {
        const slot = word();
        return () => {
          const kids = block.kids_[slot];
          const node = block.nodes_[slot]!;
          quietly(() => {
            if (node.nodeType == 1) (node as Element).replaceChildren();
            else kids?.forEach((kid) => kid.root_.remove());
          });
          kids?.forEach(forget);
          kids?.clear();
        };
      }
      if (op == Op.Replace) {
        const now = known(word());
        return () => {
          quietly(() => replace(block.root_, now));
          now.parent_ = block.parent_;
          now.slot_ = block.slot_;
          now.parent_?.kids_[now.slot_]?.delete(block);
          forget(block);
          core.enter_(now);
          if (block.island_) core.own_(block.island_, now);
        };
      }
      throw new Error("a patch buffer with the unknown word " + op);
    },

    rebuild_(island, described, found) {
      const first = described[0];
      if (!first) return;
      // What the visitor did to the old nodes goes on with the new ones.
      const carry: (() => void)[] = [];
      for (const block of described) {
        create(block);
        for (const [path, way] of block.template_.protos_.find(Boolean)!.paths_) {
          const old = found.get(block.scope_ + path) as HTMLInputElement | undefined;
          if (!old) continue;
          const now = follow(block.root_, way) as HTMLInputElement;
          for (const entry of window.goQueue.q) {
            if (entry.t.closest("[data-go-id]") == old) entry.t = now;
            if (entry.s == old) entry.s = now;
          }
          if (isControl(old) && edited(old)) {
            carry.push(() => {
              now.value = old.value;
              now.checked = old.checked;
            });
          }
          if (old == document.activeElement) {
            const { selectionStart, selectionEnd } = old;
            carry.push(() => {
              now.focus({ preventScroll: true });
              if (selectionStart != null) now.setSelectionRange(selectionStart, selectionEnd);
            });
          }
        }
      }
      quietly(() => {
        replace(island.root_, first);
        for (const step of carry) step();
      });
      core.own_(island, first);
    },
  };
}

/** Makes the prototype of a shape: a tree in an inert document, with a text node for each text. */
function prepare(core: Core, template: Template, svg: boolean): Prototype {
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
    ways_: nodes.map((node) => wayTo(root, node)),
    paths_: new Map(Array.from(elements, ([path, element]) => [path, wayTo(root, element)])),
  };
}

function wayTo(root: Node, node: Node): Way {
  const way: Way = [];
  for (let at = node; at != root; at = at.parentNode!) {
    let index = 0;
    for (let before = at.previousSibling; before; before = before.previousSibling) index++;
    way.unshift(index);
  }
  return way;
}

/** Goes the way: by siblings, which is faster than `childNodes[i]` in short lists. */
function follow(node: Node, way: Way): Node {
  for (let index of way) {
    node = node.firstChild!;
    while (index--) node = node.nextSibling!;
  }
  return node;
}
