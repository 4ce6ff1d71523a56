/** Slots: the changing places of a block, read from and written to the DOM. */
import { loadRest, rest } from "./parts.ts";
import { state } from "./state.ts";
import { type Template, parse } from "./templates.ts";

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/**
 * Sets a control's value. Until the part that protects the visitor's typing is loaded, a control
 * with the focus is left alone.
 */
export function setValue(control: Control, value: string): void {
  state.reported_.add(control);
  if (rest) rest.setValue_(control, value);
  else if (control != document.activeElement) control.value = value;
}

export const enum Kind {
  Text = 0,
  Attr,
  Bool,
  Class,
  Value,
  Checked,
  Html,
  Block,
  List,
  Slot,
  /** This kind, and kinds of later versions, have texts as values. */
  Prop,
}

export interface Slot {
  kind_: Kind;
  /** The index of its anchor comment among those of its element, 255 for none. */
  anchor_: number;
  /** The path of its element. */
  path_: string;
  /**
   * Of the attribute or class; for conditions, nested components and lists the path of the place.
   */
  name_: string;
}

/**
 * The value of a slot: a text, null for an absent attribute, "" for a boolean one, 0 or 1 for a
 * class.
 */
export type Datum = string | number | null;

/** Whether the slot has a value, not blocks or the page's content. */
export const holds = ({ kind_ }: Slot): boolean => kind_ < Kind.Block || kind_ > Kind.Slot;

/** The attribute, and property, that a slot sets; "" for the content of a textarea. */
const attribute = ({ localName }: Element, { kind_, name_ }: Slot): "checked" | "" =>
  (kind_ < Kind.Value
    ? name_
    : kind_ == Kind.Checked
      ? localName == "option"
        ? "selected"
        : "checked"
      : localName == "textarea"
        ? ""
        : "value") as "checked";

/** The place of a slot in its element: an anchor, or the element itself. */
export const locate = (element: Element, slot: Slot): Node | undefined =>
  slot.anchor_ == 255 || (slot.kind_ && holds(slot))
    ? element
    : [...element.childNodes].filter(
        (node) => node.nodeType == 8 && (node as Comment).data == "go",
      )[slot.anchor_];

/** A slot's text node refers to its place, because page translators remove text nodes. */
export type SlotText = Text & { place_?: Node };

/** The text of a text slot in the server's HTML; the place itself where there is none. */
export function textAt(place: Node, value: Datum): Node {
  let text = place.nodeType == 1 ? place.firstChild : place.nextSibling;
  if (place.nodeType == 1) {
    if (text?.nextSibling) return place;
  } else {
    // Browser extensions may have added nodes: the slot's text is the first with the expected
    // value, else the next one.
    for (
      let node = text;
      node && !/^(go|\/)$/.test(node.nodeType == 8 ? (node as Comment).data : "");
      node = node.nextSibling
    ) {
      if (node.nodeType == 3 && (node as Text).data === value) {
        text = node;
        break;
      }
    }
  }
  if (text?.nodeType != 3) return place;
  (text as SlotText).place_ = place;
  return text;
}

/** The value of a slot in the server's HTML, as parsed. */
export function read(node: Node, slot: Slot, value: Datum): Datum {
  const element = node as Element;
  if (!slot.kind_) return node.nodeType == 8 ? "" : node.textContent;
  // The visitor may have changed it: not compared.
  if (slot.kind_ > Kind.Slot) return value;
  if (slot.kind_ == Kind.Class) return +element.classList.contains(slot.name_);
  if (slot.kind_ == Kind.Html)
    return parse(`<div>${value}</div>`).innerHTML == element.innerHTML ? value : element.innerHTML;
  const name = attribute(element, slot);
  // A select's value is the option that is selected in it.
  return element.localName == "select" && slot.kind_ == Kind.Value
    ? value
    : name
      ? element.getAttribute(name)
      : element.textContent;
}

/** Values of controls, set at the end of the patch: a select needs its options first. */
const late: [Control, string][] = [];

export function settle(): void {
  for (const [control, value] of late.splice(0)) setValue(control, value);
}

/**
 * Writes a slot. `fresh` writes attributes only, as the server does, and leaves what the visitor
 * changed. Attributes of a control always have Go's value, to show it again once the control is
 * left.
 */
export function write(
  nodes: Node[],
  template: Template,
  index: number,
  value: Datum,
  fresh?: boolean,
): void {
  const slot = template.slots_[index]!;
  const kind = slot.kind_;
  let node = nodes[index]!;
  const element = node as HTMLInputElement;
  const text = value as string;
  if (!kind) {
    if (node.nodeType == 3) {
      (node as Text).data = text;
    } else {
      const made: SlotText = new Text(text);
      made.place_ = node;
      if (node.nodeType == 1) element.replaceChildren(made);
      else if (node.nextSibling?.nodeName != "FONT") (node as Comment).after(made);
      node = nodes[index] = made;
    }
    if (!node.parentNode) void loadRest().then((rest) => rest?.mend_(nodes, template, index));
  } else if (kind == Kind.Class) {
    element.classList.toggle(slot.name_, !!value);
  } else if (kind == Kind.Html) {
    element.innerHTML = text;
  } else if (kind > Kind.Slot) {
    rest?.setProp_(element, slot, value);
  } else {
    const name = attribute(element, slot);
    if (!name) element.textContent = text;
    else if (value == null) element.removeAttribute(name);
    else element.setAttribute(name, text);
    if (!fresh) {
      if (kind == Kind.Value) late.push([element, text]);
      if (kind == Kind.Checked) element[name as "checked"] = value != null;
    }
  }
}
