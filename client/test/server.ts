/** A minimal server side: renders components, and the page around them. */
import { readFileSync } from "node:fs";
import wasi from "../src/wasi.ts";
import { encode, type Value } from "../src/values.ts";

export interface Placed {
  id: string;
  c: string;
  p: { [key: string]: Value };
  h?: string;
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  go_frame(): number;
  go_alloc(length: number): number;
  go_render(length: number): number;
}

/** A component's HTML and its digest. */
export interface Rendered extends Placed {
  html: string;
  d?: string;
}

const modules = new Map<string, WebAssembly.Module>();

/** Renders islands in a fresh instance of the module in `file`. */
export function render(
  file: string,
  islands: Placed[],
  ctx: Value,
  stores: Value = {},
): Rendered[] {
  let module = modules.get(file);
  if (!module) modules.set(file, (module = new WebAssembly.Module(readFileSync(file))));
  const go: Exports = new WebAssembly.Instance(
    module,
    wasi(() => go.memory),
  ).exports as unknown as Exports;
  go._initialize();
  const input = encode({
    ctx,
    stores,
    islands: islands.map(({ id, c, p, h }) => ({ id, c, p, h: h ?? "load" })),
  });
  const at = go.go_alloc(input.length);
  new Uint8Array(go.memory.buffer, at).set(input);
  const code = go.go_render(input.length);
  const words = new Uint32Array(go.memory.buffer, go.go_frame(), 16);
  const bytes = (address: number, length: number): Buffer =>
    Buffer.from(new Uint8Array(go.memory.buffer, address, length));
  if (code) throw new Error(bytes(words[10]!, words[11]!).toString());
  const output = bytes(words[3]!, words[4]!);
  const results = new Uint32Array(go.memory.buffer, words[9], words[7]! * 8);
  return islands.map((island, i) => {
    const [start, length, low, high, slot] = results.subarray(i * 8) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    const html = output.subarray(start, start + length);
    if (island.h == "only")
      return {
        ...island,
        html: `<go-island data-go-id="${island.id}" style="display:contents">wait</go-island>`,
      };
    const cut = slot == 0xffffffff ? length : slot - start;
    return {
      ...island,
      html:
        html.subarray(0, cut).toString() +
        (cut < length ? "<b>content of the page</b>" : "") +
        html.subarray(cut).toString(),
      d: high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0"),
    };
  });
}

const json = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"),
  );

/** The BUILD of the pages that `page` makes. */
export const BUILD = "0123456789abcdef";

/** A snapshot in its script element. */
export const snapshotScript = (snapshot: unknown): string =>
  `<script type="application/json" data-go-snapshot>${json(snapshot)}</script>`;

export interface PageOptions {
  lane: string;
  ctx: Value;
  stores?: Value;
  dev?: boolean;
  /** The HTML around the islands; `<!--island-->` is where the next one stands. */
  body?: string;
  capture: string;
  /** Further HTML at the end. */
  end?: string;
}

/** A page with these islands. */
export function page(
  islands: Rendered[],
  { lane, ctx, stores = {}, dev = false, body, capture, end = "" }: PageOptions,
): string {
  const left = islands.map(({ html }) => html);
  const main =
    body === undefined ? left.join("") : body.replaceAll("<!--island-->", () => left.shift() ?? "");
  const snapshot = {
    v: 2,
    build: BUILD,
    lane,
    dev,
    ctx,
    stores,
    islands: islands.map(({ id, c, p, h, d }) => ({ id, c, h: h ?? "load", d, p })),
  };
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Test</title>
<script>${capture}</script>
<script type="module" async src="/_protium/runtime.js" data-go-module="/_protium/module.wasm">
</script></head>
<body><main>${main}</main>
${snapshotScript(snapshot)}
${end}</body></html>`;
}
