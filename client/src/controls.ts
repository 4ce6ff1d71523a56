/**
 * Controls and what Go says of them. A control that the visitor types into is not overwritten, and
 * keeps its caret; one that was left shows what Go says: a quantity that was refused is not shown
 * any longer.
 */
import type { Block } from "./blocks.ts";
import type { Core } from "./core.ts";
import type { Entry } from "./queue.ts";
import { type Control, type Datum, Kind, type Slot } from "./slots.ts";

export const isControl = (element: Element): element is Control =>
  /^(input|select|textarea)$/.test(element.localName);

/** Whether choosing is all that can be done with it, so that input and change come together. */
const isChoice = (control: Control): boolean => /^(checkbox|radio|select)/.test(control.type);

/** Whether the control differs from what the server sent. */
export function edited(control: Control): boolean {
  if (control instanceof HTMLSelectElement) {
    return (
      control.selectedIndex !=
      Math.max(
        [...control.options].findIndex((option) => option.defaultSelected),
        0,
      )
    );
  }
  // Sliders and colour fields have a value of their own where the server gave none.
  if (/^(range|color|file)$/.test(control.type)) return false;
  const { checked, defaultChecked } = control as HTMLInputElement;
  if (isChoice(control)) return checked != defaultChecked;
  // Browsers take from some values what a control of that type cannot hold, line feeds for one.
  const untouched = document.createElement(control.localName) as Exclude<
    Control,
    HTMLSelectElement
  >;
  untouched.setAttribute("type", control.type);
  untouched.defaultValue = control.defaultValue;
  return control.value != untouched.value;
}

/**
 * Puts an event in front of the queue for each control of an island that Go knows nothing of: it
 * was like that before anything else happened.
 */
export function restore(root: Element, told: WeakSet<EventTarget>): Control[] {
  const { q, n } = window.goQueue;
  const controls = [...root.querySelectorAll<Control>("input,select,textarea")];
  const entries: Entry[] = [];
  for (const control of controls) {
    if (told.has(control) || q.some(({ t, e }) => t == control && /input|change/.test(e.type)))
      continue;
    told.add(control);
    // The radio button that is not chosen any more has no event: the one that is has.
    if (!edited(control) || (control.type == "radio" && !(control as HTMLInputElement).checked))
      continue;
    for (const type of isChoice(control) ? ["input", "change"] : ["input"])
      entries.push(n({ type, target: control, bubbles: true }));
  }
  q.unshift(...entries);
  return controls;
}

export interface Props {
  /** Sets a property, as a slot says. Kinds and names that are not known are passed over. */
  setProp_(element: Element, slot: Slot, value: Datum): void;
}

export const props: Props = {
  setProp_(element, { kind_, name_ }, value) {
    if (kind_ != Kind.Prop || !/^(open|muted)$/.test(name_)) return;
    const on = value != null;
    if (element instanceof HTMLDialogElement && element.isConnected) {
      // Without its attribute a modal dialog would go on blocking the page.
      if (!on) element.close();
      else if (!element.open) element.show();
    } else {
      element.toggleAttribute(name_, on);
      (element as HTMLVideoElement)[name_ as "muted"] = on;
    }
  },
};

export interface Guard {
  /** Sets a control's value, or leaves that for when it is left. */
  setValue_(control: Control, value: string): void;
  /** Has a control show what Go says, where Go has heard of what the visitor did to it. */
  show_(control: Control): void;
}

/** What Go said of a control last, or what the server did. */
function said(control: Control): string {
  if (!(control instanceof HTMLSelectElement)) return control.defaultValue;
  return (
    control.getAttribute("value") ??
    ([...control.options].find((option) => option.defaultSelected) ?? control.options[0])?.value ??
    ""
  );
}

export function guard(core: Core): Guard {
  /** Controls whose value changed while the visitor typed into them. */
  const held = new WeakSet<Element>();
  let typing: EventTarget | null = null;

  const note = (event: Event): void => {
    const { type, key } = event as KeyboardEvent;
    if (type == "input") typing = event.target;
    else if (type != "keydown" || key == "Enter" || key == "Escape") typing = null;
  };
  for (const type of ["input", "keydown", "click", "change", "submit"])
    document.addEventListener(type, note, true);

  const setValue = (control: Control, value: string): void => {
    const active = control == document.activeElement;
    held.delete(control);
    if (control.value == value) return;
    if (active && control == typing) {
      held.add(control);
      return;
    }
    const { selectionStart, selectionEnd } = control as HTMLInputElement;
    control.value = value;
    if (active && selectionStart != null)
      (control as HTMLInputElement).setSelectionRange(selectionStart, selectionEnd);
  };

  /**
   * Whether Go decides on this property of an element: it is a slot, and a handler hears of
   * changes.
   */
  const decides = (element: Element, kind: Kind): boolean => {
    const by = core.owner_(element) as Block | undefined;
    return (
      !!by?.nodes_ &&
      by.template_.slots_.some((slot, i) => slot.kind_ == kind && by.nodes_[i] == element) &&
      (!!element.closest('[data-go-on*="input:"],[data-go-on*="change:"]') ||
        element.matches('[data-go-on*="click:"]'))
    );
  };

  const show = (control: Control): void => {
    // Go has not heard of it yet.
    if (window.goQueue.q.some(({ t }) => t == control)) return;
    if (held.has(control) || decides(control, Kind.Value)) setValue(control, said(control));
    if (control instanceof HTMLSelectElement) {
      for (const option of control.options)
        if (decides(option, Kind.Checked)) option.selected = option.defaultSelected;
    } else if (control.type == "radio") {
      // The others of its group changed with it.
      for (const other of control.form?.elements ?? document.getElementsByName(control.name)) {
        const radio = other as HTMLInputElement;
        if (radio.type == "radio" && radio.name == control.name && decides(radio, Kind.Checked))
          radio.checked = radio.defaultChecked;
      }
    } else if (decides(control, Kind.Checked)) {
      (control as HTMLInputElement).checked = (control as HTMLInputElement).defaultChecked;
    }
  };

  // Typing has ended by then, and Go has heard of it.
  document.addEventListener(
    "change",
    ({ target }) => isControl(target as Element) && show(target as Control),
  );
  // What is being typed when the guard arrives was typed without it.
  const { activeElement } = document;
  if (activeElement && /^(input|textarea)$/.test(activeElement.localName)) typing = activeElement;
  return { setValue_: setValue, show_: show };
}
