/**
 * Development: shows errors in the console and in a box on the page, with the line in the Go
 * source, which the server looks up.
 */

/** The detail of a `go:error` event. */
interface Report {
  id?: string;
  handler?: string;
  message: string;
  /** The error's stack trace, for its offsets in the module. */
  stack?: string;
}

declare global {
  interface Window {
    /** The last lines that a module of standard Go wrote: a panic's message is among them. */
    goLastOutput?: () => string;
  }
}

interface Snapshot {
  build?: string;
  islands?: { id: string; c: string; p: unknown }[];
}

const BREAKDOWN = "/_protium/dev/breakdown";
const STYLE = `
  display: block; box-sizing: border-box; max-width: 100%; margin: .5rem 0; padding: .6rem .8rem;
  border: 2px solid #b00020; border-radius: 4px; background: #fff0f1; color: #7a0016;
  font: 14px/1.45 ui-monospace, monospace; text-align: left;
  white-space: pre-wrap; overflow-wrap: anywhere`;

/** Shows errors from now on, and those that the server wrote into the page. */
export function showErrors(): void {
  for (const box of document.querySelectorAll("[data-go-failed]"))
    console.error("protium:", box.textContent);
  document.addEventListener("go:error", (event) => {
    // Otherwise the runtime logs it too, without the source line.
    event.preventDefault();
    void show((event as CustomEvent<Report>).detail, window.goLastOutput?.() ?? "");
  });
}

async function show(report: Report, output: string): Promise<void> {
  const line = (await explain(report, output)) ?? report.message;
  console.error("protium:", line);
  const element = report.id && document.querySelector(`[data-go-id=${JSON.stringify(report.id)}]`);
  const box = document.createElement("span");
  box.dataset["goFailed"] = report.id ?? "";
  box.setAttribute("role", "alert");
  box.style.cssText = STYLE;
  box.textContent = line;
  if (element) element.before(box);
  else document.body.prepend(box);
}

/** The server's message for a trap; undefined for other errors, or without an answer. */
async function explain(
  { id = "", handler = "", message, stack = "" }: Report,
  output: string,
): Promise<string | undefined> {
  const offsets = [...stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, hex]) =>
    parseInt(hex!, 16),
  );
  if (!offsets.length) return undefined;
  const placed = snapshots();
  const island = placed.flatMap(({ islands = [] }) => islands).find((island) => island.id == id);
  // The runtime appends the engine's reason to the module's message.
  const reason = /^\w*Error: (.*)/.exec(stack)?.[1] ?? "";
  const text = message.endsWith(": " + reason) ? message.slice(0, -reason.length - 2) : message;
  // Go's runtime begins the message with one of these; the last one belongs to this panic.
  const panic = output.slice(
    Math.max(output.lastIndexOf("panic: "), output.lastIndexOf("fatal error: "), 0),
  );
  const body = {
    build: placed[0]?.build ?? "",
    component: island?.c ?? "",
    id,
    handler,
    props: island?.p ?? {},
    message: panic || text,
    offsets,
  };
  try {
    const answer = await fetch(BREAKDOWN, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.ok ? await answer.text() : undefined;
  } catch {
    return undefined;
  }
}

function snapshots(): Snapshot[] {
  return [...document.querySelectorAll("script[data-go-snapshot]")].flatMap((script) => {
    try {
      return [JSON.parse(script.textContent!) as Snapshot];
    } catch {
      return [];
    }
  });
}
