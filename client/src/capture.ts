/**
 * The inline script: first in the head, the same bytes on every page. It queues events until the
 * runtime is loaded, prevents the default actions that attributes name, and submits a queued form,
 * or follows a queued link, natively when the runtime fails. Then it also requests the cart key, as
 * pages do without JavaScript, so that native forms of several tabs end in one cart.
 */
import type { Capture, Entry } from "./queue.ts";

const queue: Entry[] = [];
const doc = document;

const capture: Capture = (window.goQueue = {
  q: queue,
  m: 0,
  n(e) {
    const t = e.target as HTMLFormElement;
    const submit = e.type == "submit";
    const form = submit ? t : e.type == "change" && t.form;
    return {
      e,
      t,
      v: t.value,
      c: t.checked,
      f: form && new FormData(form, e.submitter),
      x: e.defaultPrevented && (submit ? t : e.type == "click" && t.closest("a")),
    };
  },
  k: (e) =>
    (e as KeyboardEvent).keyCode == 229 ||
    ((e as KeyboardEvent).isComposing && e.type == "keydown"),
  p(entry) {
    queue.push(entry);
    entry.x && setTimeout(() => queue.includes(entry) && capture.r(), 8e3);
  },
  r() {
    // Only one can navigate: the first, as without the runtime.
    const first = queue.find((entry) => entry.x);
    const image = new Image();
    capture.m = 2;
    queue.length = 0;
    // The response sets a cookie and is no image: this runs once the key is there, or cannot be.
    image.onerror = () => {
      // Safari of 2022 has no requestSubmit.
      if (first) {
        const x = first.x as HTMLFormElement;
        (x.requestSubmit || x.submit || x.click).call(x, first.e.submitter);
      }
    };
    image.src = "/cart/key";
  },
});

for (const type of (capture.l = "click input change submit keydown focusin focusout toggle".split(
  " ",
))) {
  doc.addEventListener(
    type,
    (event) => {
      const e = event as MouseEvent & KeyboardEvent & SubmitEvent;
      const target = e.target as Element;
      if (capture.m < 2 && target.closest && !capture.k(e)) {
        if (
          target.closest(
            `[data-go-prevent~=${JSON.stringify(type == "keydown" ? type + ":" + e.key : type)}]`,
          )
        ) {
          // Clicks that open a tab or a window are left to the browser.
          if (type == "click" && (e.metaKey || e.ctrlKey || e.shiftKey || e.altKey)) return;
          e.preventDefault();
        }
        capture.m || (target.closest(`[data-go-on*="${type}:"]`) && capture.p(capture.n(e)));
      }
    },
    true,
  );
}

doc.addEventListener(
  "error",
  (e) => (e.target as HTMLElement).dataset?.goModule && capture.r(),
  true,
);
