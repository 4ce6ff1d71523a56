/** Listeners on the document, one per type of event. */

const heard = new Set<string>();
let hear: (event: Event) => void;

/** Says who hears the events. */
export function hearing(listener: (event: Event) => void): void {
  hear = listener;
}

/** Listens to a type of event. Events that bubble are heard when they arrive, so that a page can stop them; others on the way in. */
export function listen(type: string): void {
  if (!heard.has(type)) {
    heard.add(type);
    document.addEventListener(type, (event) => event.bubbles || hear(event), true);
    document.addEventListener(type, (event) => hear(event));
  }
}
