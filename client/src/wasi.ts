/**
 * The part of WASI preview 1 that component modules of standard Go use: clocks, randomness,
 * standard output and error. Loaded in that lane only.
 */

const SUCCESS = 0;
const BADF = 8;
const NOSYS = 52;

/** Characters of standard error that are kept for the report of a panic. */
const LAST_OUTPUT = 4096;

type Import = (...args: never[]) => number | void;

/** The imports of a module whose memory `memory` returns. */
export default function wasi(memory: () => WebAssembly.Memory): WebAssembly.Imports {
  const view = (): DataView => new DataView(memory().buffer);
  const bytes = (at: number, length: number): Uint8Array<ArrayBuffer> =>
    new Uint8Array(memory().buffer as ArrayBuffer, at, length);
  const decoder = new TextDecoder();
  let line = "";
  let output = "";
  // Not `window`: the tests run modules in Node.
  Object.assign(globalThis, { goLastOutput: () => output });

  /** No arguments, no variables: both counts are zero. */
  const none = (count: number, size: number): number => {
    view().setUint32(count, 0, true);
    view().setUint32(size, 0, true);
    return SUCCESS;
  };

  const calls: Record<string, Import> = {
    args_sizes_get: none,
    environ_sizes_get: none,
    args_get: () => SUCCESS,
    environ_get: () => SUCCESS,
    sched_yield: () => SUCCESS,
    fd_close: () => SUCCESS,
    fd_fdstat_set_flags: () => SUCCESS,

    clock_time_get(clock: number, _precision: bigint, at: number) {
      const milliseconds = clock ? performance.now() : Date.now();
      view().setBigUint64(at, BigInt(Math.round(milliseconds * 1e3)) * 1000n, true);
      return SUCCESS;
    },

    random_get(at: number, length: number) {
      // The browser gives at most 65536 bytes at a time.
      for (let done = 0; done < length; done += 65536)
        crypto.getRandomValues(bytes(at + done, Math.min(65536, length - done)));
      return SUCCESS;
    },

    fd_write(file: number, vectors: number, count: number, written: number) {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const at = view().getUint32(vectors + i * 8, true);
        const length = view().getUint32(vectors + i * 8 + 4, true);
        line += decoder.decode(bytes(at, length), { stream: true });
        total += length;
      }
      const lines = line.split("\n");
      line = lines.pop()!;
      if (file == 2 && lines.length)
        output = (output + lines.join("\n") + "\n").slice(-LAST_OUTPUT);
      for (const text of lines) (file == 2 ? console.warn : console.log)(text);
      view().setUint32(written, total, true);
      return SUCCESS;
    },

    // Standard input and output are character devices.
    fd_fdstat_get(file: number, at: number) {
      if (file > 2) return BADF;
      bytes(at, 24).fill(0);
      view().setUint8(at, 2);
      return SUCCESS;
    },

    fd_prestat_get: () => BADF,

    // Waiting is not possible: each subscription is answered at once, with its own user data.
    poll_oneoff(subscriptions: number, events: number, count: number, done: number) {
      for (let i = 0; i < count; i++) {
        const event = events + i * 32;
        const subscription = subscriptions + i * 48;
        bytes(event, 32).fill(0);
        view().setBigUint64(event, view().getBigUint64(subscription, true), true);
        view().setUint8(event + 10, view().getUint8(subscription + 8));
      }
      view().setUint32(done, count, true);
      return SUCCESS;
    },

    proc_exit(code: number) {
      throw new Error("the module has ended with code " + code);
    },
  };

  const rest: Import = () => NOSYS;
  return {
    wasi_snapshot_preview1: new Proxy(calls, {
      get: (known, name) => known[name as string] ?? rest,
    }) as WebAssembly.ModuleImports,
  };
}
