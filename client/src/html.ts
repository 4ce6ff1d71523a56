/** HTML from text. */

/** Parses the HTML of one element, which is in an inert document. */
export function parse(html: string): Element {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild!;
}
