/** An instance of the filter's module with an image in its memory, and calls of it. */

/** What an instance is made of. */
export interface Modules {
  module_: WebAssembly.Module;
  image_: Uint8Array;
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  filter_image(bytes: number): number;
  filter_load(bytes: number): number;
  filter_message(words: number): number;
  filter_query(words: number): number;
  filter_answer(): number;
  filter_change(words: number): number;
}

/** The module refuses an image or a message. */
export class Refused extends Error {}

/** The result of a call, which is below 0 if it was refused. */
function accepted(what: string, result: number): number {
  if (result < 0) throw new Refused(`the filter's module refuses the ${what} (code ${result})`);
  return result;
}

export class Instance {
  private readonly exports_: Exports;

  /** Throws `Refused`, or what instantiation throws. */
  constructor({ module_: module, image_: image }: Modules) {
    const instance = new WebAssembly.Instance(module, {});
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    // Addresses are without a sign in the module, and with one here.
    const at = exports.filter_image(image.length) >>> 0;
    new Uint8Array(exports.memory.buffer).set(image, at);
    accepted("image", exports.filter_load(image.length));
    this.exports_ = exports;
  }

  /** A copy of the words of the answer to a query. */
  query_(message: number[]): Uint32Array {
    const words = accepted("query", this.exports_.filter_query(this.send_(message)));
    const at = this.exports_.filter_answer() >>> 0;
    return new Uint32Array(this.exports_.memory.buffer, at, words).slice();
  }

  change_(message: number[]): undefined {
    accepted("change", this.exports_.filter_change(this.send_(message)));
  }

  /** Writes a message into the module's memory and returns its length in words. */
  private send_(message: number[]): number {
    const at = this.exports_.filter_message(message.length) >>> 0;
    new Uint32Array(this.exports_.memory.buffer, at, message.length).set(message);
    return message.length;
  }
}
