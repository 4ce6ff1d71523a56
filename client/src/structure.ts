/** Structure of the page: blocks are created, moved, removed, replaced. */
import type { Block, Island } from "./blocks.ts";
import { edited, isControl } from "./controls.ts";
import type { Core } from "./core.ts";
import { Op } from "./patch.ts";
import { nodeAt, prepare } from "./prototypes.ts";
import { Kind, type SlotText } from "./slots.ts";
import type { Prototype, Template } from "./templates.ts";

export interface Structure {
  /** Creates a block, and inserts it into its parent if it has one. */
  create_(block: Block, before?: Block): void;
  /**
   * Reads a MOVE, REMOVE, CLEAR or REPLACE, and returns the step that carries it out. `known` gives
   * a block by its handle, or throws.
   */
  carryOut_(op: number, word: () => number, known: (handle: number) => Block): () => void;
  /** Replaces an island by a new rendering; `found` are its old elements by id. */
  rebuild_(island: Island, described: Block[], found: Map<string, Element>): void;
}

export default function structure(core: Core): Structure {
  const { blocks_: blocks } = core;

  /** Moves nodes without delivering the events that this causes, and restores the focus. */
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
    const { root_, nodes_, last_, nodePaths_ } = prototype(template, svg);
    template.slots_.forEach((slot, i) => {
      if (slot.kind_ < Kind.Block && values[i] !== last_[i])
        core.write_(nodes_, template, i, (last_[i] = values[i]!), true);
    });
    block.root_ = document.importNode(root_, true);
    block.nodes_ = nodePaths_.map((path) => nodeAt(block.root_, path));
    template.slots_.forEach((slot, i) => {
      const node = block.nodes_[i]!;
      if (!slot.kind_) (node as SlotText).place_ = node.previousSibling ?? node.parentNode!;
      // Cloning does not copy properties, nor a select's value: its options are inserted later.
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

  /** Replaces a root; the page's own content (`go-slot`) moves into the new one. */
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
      // Queued events, edited values and the focus move from the old nodes to the new ones.
      const carry: (() => void)[] = [];
      for (const block of described) {
        create(block);
        for (const [path, nodePath] of block.template_.protos_.find(Boolean)!.elementPaths_) {
          const old = found.get(block.scope_ + path) as HTMLInputElement | undefined;
          if (!old) continue;
          const now = nodeAt(block.root_, nodePath) as HTMLInputElement;
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
