/** Form controls: what the visitor typed belongs to the visitor. */
import { state } from "./state.ts";

export type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Sets a control's value. As long as nobody guards what the visitor types, a control that has the focus is left alone. */
export function setValue(control: Control, value: string): void {
  state.told_.add(control);
  if (state.guard_) state.guard_(control, value);
  else if (control != document.activeElement) control.value = value;
}
