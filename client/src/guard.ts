/** Typing: a control that the visitor types into is not overwritten, and keeps its caret. */
import type { Control } from "./control.ts";

/** Watches the visitor type. Returns what sets values. */
export function guard(): (control: Control, value: string) => void {
  const held = new WeakMap<Element, string>();
  let typing: EventTarget | null = null;

  const note = (event: Event): void => {
    const { type, key } = event as KeyboardEvent;
    if (type == "input") typing = event.target;
    else if (type != "keydown" || key == "Enter" || key == "Escape") typing = null;
  };
  for (const type of ["input", "keydown", "click", "change", "submit"]) document.addEventListener(type, note, true);

  const set = (control: Control, value: string): void => {
    held.delete(control);
    if (control.value == value) return;
    const active = control == document.activeElement;
    if (active && control == typing) {
      held.set(control, value);
      return;
    }
    const { selectionStart, selectionEnd } = control as HTMLInputElement;
    control.value = value;
    if (active && selectionStart != null) (control as HTMLInputElement).setSelectionRange(selectionStart, selectionEnd);
  };

  // What was held back is due when typing has ended, and Go has heard of it.
  document.addEventListener("change", (event) => {
    const value = held.get(event.target as Element);
    if (value != null) set(event.target as Control, value);
  });
  // What is being typed when the guard arrives was typed without it.
  const { activeElement } = document;
  if (activeElement && /^(input|textarea)$/.test(activeElement.localName)) typing = activeElement;
  return set;
}
