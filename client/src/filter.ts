/**
 * The catalogue filter in a page: the module that filters on the server, and the same image of
 * columns, in an instance that lives as long as the page. Built as a file of its own, which a page
 * imports when it filters; it needs no DOM, so a worker may load it too.
 */
import { Instance, Refused, type Modules } from "./filter-instance.ts";
import {
  answerOf,
  changeKey,
  changeWords,
  queryWords,
  type Answer,
  type Change,
  type Query,
} from "./filter-messages.ts";
import { Shape } from "./filter-shape.ts";
import { runsSimd } from "./filter-simd.ts";

export { runsSimd };
export type { Answer, Change, Query };

/** A new instance is made so many times less often than the last one took to make. */
const REST = 9;

/** Why there is no answer. */
export interface Failure {
  /**
   * `load`: a file cannot be had; `image`: the module refuses the columns; `invalid`: the query or
   * change names what there is not; `trap`: the instance has failed, and the next call makes
   * another; `rest`: it has failed, and another is not made yet.
   */
  failed: "load" | "image" | "invalid" | "trap" | "rest";
  message: string;
}

/** What a filter is opened with: addresses, as the server gives them to the page. */
export interface Files {
  /** The image of the columns. */
  image: string;
  /** The module for browsers without SIMD. */
  module: string;
  /** The module with SIMD. */
  simd: string;
}

const failure = (failed: Failure["failed"], error: unknown): Failure => ({
  failed,
  message: error instanceof Error ? error.message : String(error),
});

async function fetched(address: string): Promise<Response> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} was answered with ${response.status}`);
  return response;
}

/** A module, compiled while it arrives. */
const compiled = (address: string): Promise<WebAssembly.Module> =>
  WebAssembly.compileStreaming(fetched(address));

/**
 * Loads the module that this browser runs best, or with `simd: false` the one without SIMD, and the
 * image.
 */
export async function openFilter(
  files: Files,
  { simd = true } = {},
): Promise<CatalogueFilter | Failure> {
  try {
    const [module, image] = await Promise.all([
      compiled(simd && runsSimd() ? files.simd : files.module),
      fetched(files.image).then((response) => response.arrayBuffer()),
    ]);
    return filterOf(module, image);
  } catch (error) {
    return failure("load", error);
  }
}

/** The filter of a module and an image that are there already. */
export function filterOf(
  module: WebAssembly.Module,
  image: ArrayBuffer,
): CatalogueFilter | Failure {
  try {
    return new CatalogueFilter(module, image);
  } catch (error) {
    return failure(error instanceof Refused ? "image" : "load", error);
  }
}

/** Columns in a module's memory, and queries of them. */
export class CatalogueFilter {
  /** How many groups, rows, sets, ranks of each column and orders there are. */
  readonly shape: Shape;
  private readonly modules_: Modules;
  private instance_: Instance | undefined;
  /** The last change of everything that changed: a new instance gets them. */
  private readonly changes_ = new Map<string, number[]>();
  /** When another instance may be made, in milliseconds of `performance.now()`. */
  private rested_ = 0;

  constructor(module: WebAssembly.Module, image: ArrayBuffer) {
    this.modules_ = { module_: module, image_: new Uint8Array(image) };
    this.instance_ = new Instance(this.modules_);
    this.shape = new Shape(image);
  }

  /** The answer to a query, at once. */
  query(query: Query): Answer | Failure {
    const words = queryWords(query);
    return words
      ? this.call_((instance) => answerOf(instance.query_(words), query))
      : failure("invalid", "a number of the query is not one of 32 bits");
  }

  /** Makes changes, all of them or, if one of them is invalid, none. */
  apply(changes: Change[]): Failure | undefined {
    const wrong = changes.find((change) => !this.shape.allows(change));
    if (wrong) return failure("invalid", `there is nothing that ${JSON.stringify(wrong)} changes`);
    const words = changes.map((change) => changeWords(change, this.shape));
    return this.call_((instance) => {
      instance.change_(words.flat());
      changes.forEach((change, i) => this.changes_.set(changeKey(change), words[i]!));
      return undefined;
    });
  }

  /** Calls the instance, which is made anew if it has failed. */
  private call_<T>(call: (instance: Instance) => T): T | Failure {
    if (!this.instance_ && performance.now() < this.rested_)
      return failure("rest", "the filter has failed, and is made anew in a moment");
    try {
      return call((this.instance_ ??= this.anew_()));
    } catch (error) {
      if (error instanceof Refused) return failure("invalid", error);
      this.instance_ = undefined;
      return failure("trap", error);
    }
  }

  private anew_(): Instance {
    const began = performance.now();
    try {
      const instance = new Instance(this.modules_);
      for (const words of this.changes_.values()) instance.change_(words);
      return instance;
    } finally {
      const ended = performance.now();
      this.rested_ = ended + REST * (ended - began);
    }
  }
}
