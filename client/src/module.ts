/** The wasm module and its instance: calls with encoded input, and their output. */
import { loadPart } from "./parts.ts";
import { encode, type Value } from "./values.ts";

declare const WASI: string;

export type Call = "go_hydrate" | "go_event" | "go_message" | "go_save" | "go_unmount";

interface Exports extends Record<Call, (length: number) => number> {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  go_frame(): number;
  go_alloc(length: number): number;
}

let module: WebAssembly.Module;
let imports: WebAssembly.Imports;
let go: Exports;

/** Fetches and compiles the module. */
export async function compile(url: string, lane: string): Promise<void> {
  const shim =
    lane == "go" &&
    loadPart<{ default(memory: () => WebAssembly.Memory): WebAssembly.Imports }>(WASI);
  try {
    module = await WebAssembly.compileStreaming(fetch(url));
  } catch {
    // Streaming needs the server's content type, and a Safari later than 2021.
    module = await WebAssembly.compile(await (await fetch(url)).arrayBuffer());
  }
  imports = shim ? (await shim).default(() => go.memory) : {};
}

/** Starts a new instance, which replaces the one before. */
export function start(): void {
  go = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
  go._initialize();
  if (frame(0) != 2) throw new Error("another ABI version");
}

/** A word of the frame. */
export const frame = (word: number): number =>
  new Uint32Array(go.memory.buffer, go.go_frame(), 16)[word]!;

/** The bytes that two words of the frame name. */
const bytes = (word: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(go.memory.buffer as ArrayBuffer, frame(word), frame(word + 1));

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The text that two words of the frame name. */
export const text = (word: number): string => decoder.decode(bytes(word));

/**
 * Makes a call, and returns a copy of its output. Throws a string when Go refuses the input, and
 * the engine's error when the module traps.
 */
export function call(name: Call, input?: Value): Uint8Array<ArrayBuffer> {
  let length = 0;
  if (input) {
    const data = encode(input);
    length = data.length;
    // Before the view is made: allocating may grow the memory, which detaches its buffer.
    const at = go.go_alloc(length);
    new Uint8Array(go.memory.buffer, at, length).set(data);
  }
  if (go[name](length)) throw text(10);
  return bytes(3).slice();
}
