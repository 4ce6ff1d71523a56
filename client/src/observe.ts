/** The OBSERVE effect: whether an element is in view. */
import type { Core } from "./core.ts";
import type { ByRef } from "./more.ts";
import type { Send } from "./messages.ts";

export type Observe = (target: number, ref: string, handler: string, once: boolean) => void;

export default function observerOf(core: Core, send: Send, byRef: ByRef): Observe {
  /** By target, handler and ref. */
  const observers = new Map<string, IntersectionObserver>();

  return (target, ref, handler, once) => {
    const element = byRef(target, ref);
    const key = [target, handler, ref].join();
    observers.get(key)?.disconnect();
    observers.delete(key);
    if (!target || !element) return;
    const block = core.blocks_[target];
    const observer = new IntersectionObserver((entries) => {
      const visible = entries.at(-1)!.isIntersecting;
      const gone = !element.isConnected || core.blocks_[target] != block;
      if (gone || (once && visible)) {
        observer.disconnect();
        observers.delete(key);
      }
      if (!gone && (visible || !once)) send(target, handler, "observe", { visible });
    });
    observers.set(key, observer);
    observer.observe(element);
  };
}
