/** Properties of elements that the visitor changes too, beside the values of controls. */
import { Kind, type Datum, type Slot } from "./slot.ts";

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
