/** Development: shows what is wrong with the shop's files, above the page as it was. */

/** An error as the server tells it. */
export interface Problem {
  /** Empty, and 0, if it is about no file. */
  file: string;
  line: number;
  column: number;
  message: string;
  /** Lines of the file with their numbers. */
  excerpt: [number: number, text: string][];
}

const BOX = `
  position: fixed; inset: auto 0 0 0; z-index: 2147483647; box-sizing: border-box; margin: 0;
  width: 100%; max-width: none; max-height: 60vh; overflow: auto; padding: 1rem 1.25rem; border: 0;
  border-top: 4px solid #b00020; background: #1d1416; color: #f6e9ea; text-align: left;
  font: 14px/1.5 ui-monospace, monospace`;
const CLOSE = `
  float: right; padding: .2rem .7rem; border: 1px solid #b08084; border-radius: 4px;
  background: none; color: inherit; font: inherit`;

let box: HTMLDialogElement | undefined;
/** What is shown, and what the developer has closed. */
let said = "";

/** Shows these problems; without any, the box goes. One that was closed does not come back. */
export function showProblems(problems: Problem[]): void {
  const text = JSON.stringify(problems);
  if (text == said) return;
  said = text;
  box?.remove();
  box = undefined;
  if (!problems.length) return;
  box = element("dialog", "", BOX);
  box.setAttribute("role", "alert");
  box.setAttribute("aria-label", "Errors in the shop's files");
  const close = element("button", "Close", CLOSE);
  close.type = "button";
  close.onclick = () => box?.remove();
  box.append(close, ...problems.flatMap(shown));
  // Not modal, and without taking the focus: the page goes on beneath. Outside of the body, which
  // is compared with the server's.
  box.open = true;
  document.documentElement.append(box);
}

function shown({ file, line, column, message, excerpt }: Problem): HTMLElement[] {
  const place = [file, line || "", column || ""].filter(Boolean).join(":");
  const lines = excerpt.map(
    ([number, text]) => `${number == line ? ">" : " "} ${String(number).padStart(4)} | ${text}`,
  );
  return [
    element("p", place, "margin: 0; color: #ff9aa5; font-weight: bold"),
    element("p", message, "margin: .25rem 0; white-space: pre-wrap; overflow-wrap: anywhere"),
    element("pre", lines.join("\n"), "margin: .25rem 0 1rem; overflow: auto; font: inherit"),
  ];
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  text: string,
  style: string,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.textContent = text;
  made.style.cssText = style;
  return made;
}
