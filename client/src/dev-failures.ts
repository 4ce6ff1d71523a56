/**
 * What development shows of failures: in the console and in a box on the page, with the place in
 * Go's sources, which the server knows.
 */

/** What a report says. */
interface Report {
  id?: string;
  handler?: string;
  message: string;
  /** The trace of the error, of which the offsets in the module count. */
  stack?: string;
}

declare global {
  interface Window {
    /** What a module of standard Go wrote last, which is how it explains a panic. */
    goLastWords?: () => string;
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

/** Shows failures from now on, and those that the server left on the page. */
export function showFailures(): void {
  for (const box of document.querySelectorAll("[data-go-failed]"))
    console.error("protium:", box.textContent);
  document.addEventListener("go:error", (event) => {
    // The runtime would write it to the console without the place.
    event.preventDefault();
    void show((event as CustomEvent<Report>).detail, window.goLastWords?.() ?? "");
  });
}

async function show(report: Report, said: string): Promise<void> {
  const line = (await explain(report, said)) ?? report.message;
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

/** The server's line for a trap; undefined for what is none, or when it does not answer. */
async function explain(
  { id = "", handler = "", message, stack = "" }: Report,
  said: string,
): Promise<string | undefined> {
  const offsets = [...stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, hex]) =>
    parseInt(hex!, 16),
  );
  if (!offsets.length) return undefined;
  const placed = snapshots();
  const island = placed.flatMap(({ islands = [] }) => islands).find((island) => island.id == id);
  // The runtime puts the engine's own reason behind what the module said.
  const reason = /^\w*Error: (.*)/.exec(stack)?.[1] ?? "";
  const text = message.endsWith(": " + reason) ? message.slice(0, -reason.length - 2) : message;
  // Go's runtime explains a panic behind these words; earlier ones are of earlier panics.
  const words = said.slice(
    Math.max(said.lastIndexOf("panic: "), said.lastIndexOf("fatal error: "), 0),
  );
  const body = {
    build: placed[0]?.build ?? "",
    component: island?.c ?? "",
    id,
    handler,
    props: island?.p ?? {},
    message: words || text,
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
