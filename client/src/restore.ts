/**
 * Controls that differ from the server's HTML when their island is hydrated: typed into before, or
 * restored by the browser.
 */
import type { Control } from "./control.ts";
import type { Entry } from "./queue.ts";

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
