/**
 * Form controls whose values Go decides on. One that the visitor types into is not overwritten, and
 * keeps its caret; once left it shows Go's value, so that a refused input does not stay.
 */
import type { Block } from "./blocks.ts";
import type { Core } from "./core.ts";
import type { Entry } from "./queue.ts";
import { type Control, Kind } from "./slots.ts";

export const isControl = (element: Element): element is Control =>
  /^(input|select|textarea)$/.test(element.localName);

/** Whether its input and change events come together. */
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
  // Sliders and colour fields have a default value where the server gave none.
  if (/^(range|color|file)$/.test(control.type)) return false;
  const { checked, defaultChecked } = control as HTMLInputElement;
  if (isChoice(control)) return checked != defaultChecked;
  // Browsers sanitize values, by the control's type: they remove line feeds, for example.
  const untouched = document.createElement(control.localName) as Exclude<
    Control,
    HTMLSelectElement
  >;
  untouched.setAttribute("type", control.type);
  untouched.defaultValue = control.defaultValue;
  return control.value != untouched.value;
}

/**
 * Queues an event for each edited control of an island that Go has no event of, in front of all
 * others: its value was restored before they happened. Returns all controls.
 */
export function restore(root: Element, reported: WeakSet<EventTarget>): Control[] {
  const { q, n } = window.goQueue;
  const controls = [...root.querySelectorAll<Control>("input,select,textarea")];
  const entries: Entry[] = [];
  for (const control of controls) {
    if (reported.has(control) || q.some(({ t, e }) => t == control && /input|change/.test(e.type)))
      continue;
    reported.add(control);
    // Of radio buttons only the one that is chosen has an event.
    if (!edited(control) || (control.type == "radio" && !(control as HTMLInputElement).checked))
      continue;
    for (const type of isChoice(control) ? ["input", "change"] : ["input"])
      entries.push(n({ type, target: control, bubbles: true }));
  }
  q.unshift(...entries);
  return controls;
}

export interface Guard {
  /** Sets a control's value; while the visitor types into it, only once it is left. */
  setValue_(control: Control, value: string): void;
  /** Shows Go's value in a control, if Go has received the visitor's change. */
  show_(control: Control): void;
}

/** Go's last value of a control, or the server's. */
function valueByGo(control: Control): string {
  if (!(control instanceof HTMLSelectElement)) return control.defaultValue;
  return (
    control.getAttribute("value") ??
    ([...control.options].find((option) => option.defaultSelected) ?? control.options[0])?.value ??
    ""
  );
}

export function guard(core: Core): Guard {
  /** Controls whose new value waits until the visitor leaves them. */
  const held = new WeakSet<Element>();
  let typing: EventTarget | null = null;

  const onInput = (event: Event): void => {
    const { type, key } = event as KeyboardEvent;
    if (type == "input") typing = event.target;
    else if (type != "keydown" || key == "Enter" || key == "Escape") typing = null;
  };
  for (const type of ["input", "keydown", "click", "change", "submit"])
    document.addEventListener(type, onInput, true);

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

  /** Whether Go decides on a property: it is a slot, and a handler receives its changes. */
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
    // Go has not received it yet.
    if (window.goQueue.q.some(({ t }) => t == control)) return;
    if (held.has(control) || decides(control, Kind.Value)) setValue(control, valueByGo(control));
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

  // In the bubbling phase: Go has received the change by then.
  document.addEventListener(
    "change",
    ({ target }) => isControl(target as Element) && show(target as Control),
  );
  // The visitor may have started to type before this part was loaded.
  const { activeElement } = document;
  if (activeElement && /^(input|textarea)$/.test(activeElement.localName)) typing = activeElement;
  return { setValue_: setValue, show_: show };
}
