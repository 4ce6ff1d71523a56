/** Development: reports in the console how the page differs from what a component renders. */
import type { Reporter } from "./adopt.ts";
import { Kind } from "./slots.ts";

const WORDS: Record<number, (name: string) => string> = {
  [Kind.Text]: () => "the text",
  [Kind.Attr]: (name) => `the attribute ${name}`,
  [Kind.Bool]: (name) => `whether it has the attribute ${name}`,
  [Kind.Class]: (name) => `whether it has the class ${name}`,
  [Kind.Value]: () => "the value",
  [Kind.Checked]: () => "whether it is checked",
  [Kind.Html]: () => "the HTML",
};

/** Logs the differences of an island. */
export const reportMismatch: Reporter = (id, component, differences, found, expected, rebuilt) => {
  const lines = differences.map(
    ([element, kind, name, dom, expected]) =>
      `  ${element}: ${WORDS[kind]?.(name) ?? name}\n` +
      `    in the page: ${show(kind, dom)}\n` +
      `    expected:    ${show(kind, expected)}`,
  );
  for (const id of expected)
    if (!found.includes(id)) lines.push(`  ${id}: expected, and not in the page`);
  for (const id of found)
    if (!expected.includes(id)) lines.push(`  ${id}: in the page, and not expected`);
  if (!lines.length)
    lines.push(
      "  The server rendered another shape or other values:" +
        " does it have the same module, and is Render pure?",
    );
  const outcome = rebuilt ? "; it was rendered again" : "";
  console.error(
    `protium: <go-${component}> ${id}: the page is not what the component renders${outcome}.\n` +
      lines.join("\n"),
  );
};

const show = (kind: number, value: unknown): string =>
  kind == Kind.Bool || kind == Kind.Checked
    ? value == null
      ? "no"
      : "yes"
    : value == null
      ? "none"
      : kind == Kind.Class
        ? value
          ? "yes"
          : "no"
        : JSON.stringify(value);
