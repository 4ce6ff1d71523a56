/** PROP slots: boolean properties that visitors change too, such as `open` of details. */
import { type Datum, Kind, type Slot } from "./slots.ts";

export interface Properties {
  /** Sets the property of a slot. Unknown kinds and names are ignored. */
  setProp_(element: Element, slot: Slot, value: Datum): void;
}

export const properties: Properties = {
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
