/**
 * Texts that a page translator removed: it replaces text nodes by elements of its own, sometimes
 * several by one. Writes to a removed text would not be visible.
 */
import type { Core } from "./core.ts";
import { Kind, type SlotText } from "./slots.ts";
import type { Template } from "./templates.ts";

export interface Translators {
  /** Puts the text of a slot back, with all other texts of its element: they are one sentence. */
  mend_(nodes: Node[], template: Template, index: number): void;
}

/** The elements that translators put in the place of texts. */
const FOREIGN = /^(FONT|YA-TR-SPAN)$/;

export default (core: Core): Translators => ({
  mend_(nodes, { html_, slots_ }, index) {
    const { place_: place, parentNode } = nodes[index] as SlotText;
    const element = place?.nodeType == 8 ? place.parentElement : (place as Element | undefined);
    if (!element || parentNode) return;
    const { path_ } = slots_[index]!;
    const shape = core.byId_(core.parse_(html_)).get(path_);
    /** The texts of the element's slots, in order; nothing for the slots that hold blocks. */
    const texts = slots_.flatMap(({ kind_, path_: path }, i) =>
      kind_ == Kind.Text && path == path_ ? [nodes[i] as SlotText] : [],
    );
    for (const node of [...element.childNodes]) {
      if (node.nodeType == 3 || FOREIGN.test(node.nodeName)) node.remove();
    }
    /** The last node that is already in place. */
    let last: Node | undefined;
    const put = (node: Node): void => {
      element.insertBefore(node, last ? last.nextSibling : element.firstChild);
      last = node;
    };
    for (const part of shape?.childNodes ?? []) {
      if (part.nodeType == 3) {
        put(part.cloneNode());
        continue;
      }
      // The same comment or element in the page.
      let same = last ? last.nextSibling : element.firstChild;
      while (same && (same.nodeName != part.nodeName || same.nodeValue != part.nodeValue))
        same = same.nextSibling;
      if (!same) continue;
      last = same;
      const text = texts.find(({ place_ }) => place_ == same);
      if (text) put(text);
    }
    if (!element.contains(nodes[index]!)) put(nodes[index]!);
  },
});
