/** Controls that differ from the server's HTML when their island is hydrated: typed into before, or restored by the browser. */
import type { Control } from "./control.ts";

export const isControl = (element: Element): element is Control => /^(input|select|textarea)$/.test(element.localName);

/** Whether choosing is all that can be done with it, so that input and change come together. */
const isChoice = (control: Control): boolean => /^(checkbox|radio|select)/.test(control.type);

/** Whether the control differs from what the server sent. */
export function edited(control: Control): boolean {
  if (control instanceof HTMLSelectElement) {
    return control.selectedIndex != Math.max([...control.options].findIndex((option) => option.defaultSelected), 0);
  }
  // Sliders and colour fields have a value of their own where the server gave none.
  if (/^(range|color|file)$/.test(control.type)) return false;
  const { checked, defaultChecked } = control as HTMLInputElement;
  if (isChoice(control)) return checked != defaultChecked;
  // Browsers take from some values what a control of that type cannot hold, line feeds for one.
  const untouched = document.createElement(control.localName) as Exclude<Control, HTMLSelectElement>;
  untouched.setAttribute("type", control.type);
  untouched.defaultValue = control.defaultValue;
  return control.value != untouched.value;
}

/** Queues an event for each control in an island that Go knows nothing of, and gives selects the value that HTML has no place for. */
export function restore(root: Element, told: WeakSet<EventTarget>): void {
  const { q, n } = window.goQueue;
  for (const control of root.querySelectorAll<Control>("input,select,textarea")) {
    if (told.has(control) || q.some((entry) => entry.t == control)) continue;
    if (edited(control)) {
      for (const type of isChoice(control) ? ["input", "change"] : ["input"]) q.push(n({ type, target: control, bubbles: true }));
    } else if (control.localName == "select" && control.hasAttribute("value")) {
      control.value = control.getAttribute("value")!;
    }
    told.add(control);
  }
}
