/** Adopts an island: compares the server's HTML with Go's description, and takes over its nodes. */
import { enter, own, type Block, type Island } from "./blocks.ts";
import { type Datum, holds, Kind, locate, read, textAt, write } from "./slots.ts";
import { state } from "./state.ts";
import { byId, ids } from "./templates.ts";

/** A value in the DOM that differs from what Go expects; reported in development. */
export type Difference = [element: string, kind: Kind, name: string, dom: Datum, expected: Datum];

/** Reports an island that differs: values of slots, the ids in the page and the expected ones. */
export type Reporter = (
  id: string,
  component: string,
  differences: Difference[],
  found: string[],
  expected: string[],
  rebuilt: boolean,
) => void;

/**
 * `step_` takes over the island's nodes. If that is not possible, `found_` are its elements by id.
 */
export interface Adoption {
  step_(): void;
  found_: Map<string, Element> | false;
}

/**
 * Compares an island with its description, which begins with the root block; `flags` come from the
 * ISLAND op. Changes nothing yet.
 */
export function adopt(island: Island, described: Block[], flags: number): Adoption {
  const root = island.root_;
  const { id, c } = island.placed_;
  const found = byId(root);
  for (const other of found.keys())
    if (other != id && !other.startsWith(id + ".")) found.delete(other);

  const expected: string[] = [];
  const differences: Difference[] = [];
  const repairs: (() => void)[] = [];
  let whole = flags == 1;
  for (const block of described) {
    const { parent_, template_: template, values_: values } = block;
    const scope = (block.scope_ = parent_
      ? parent_.scope_ + parent_.template_.slots_[block.slot_]!.name_ + block.key_
      : id);
    expected.push(...ids(template).map((path) => scope + path));
    block.root_ = found.get(scope)!;
    block.nodes_ = template.slots_.map((slot, i) => {
      const element = slot.kind_ == Kind.Slot ? root : found.get(scope + slot.path_);
      let node = element && locate(element, slot);
      if (!node) {
        whole = false;
      } else if (holds(slot)) {
        const value = values[i]!;
        if (!slot.kind_) node = textAt(node, value);
        const dom = read(node, slot, value);
        if (dom !== value) {
          differences.push([scope + slot.path_, slot.kind_, slot.name_, dom, value]);
          repairs.push(
            () =>
              (slot.kind_ == Kind.Value && node == document.activeElement) ||
              write(block.nodes_, template, i, value, true),
          );
        }
      }
      return node!;
    });
  }
  whole &&= expected.length == found.size && expected.every((id) => found.has(id));
  return {
    found_: !whole && found,
    step_() {
      if (flags < 2 && (!whole || differences.length))
        state.reporter_?.(id, c, differences, [...found.keys()], expected, !whole);
      if (!whole) return;
      for (const block of described) {
        block.values_ = [];
        enter(block);
      }
      for (const repair of repairs) repair();
      own(island, described[0]!);
    },
  };
}
