/** Form controls: what the visitor typed belongs to the visitor. */
import { rest } from "./parts.ts";
import { state } from "./state.ts";

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/**
 * Sets a control's value. As long as nobody guards what the visitor types, a control that has the
 * focus is left alone.
 */
export function setValue(control: Control, value: string): void {
  state.told_.add(control);
  if (rest) rest.setValue_(control, value);
  else if (control != document.activeElement) control.value = value;
}
