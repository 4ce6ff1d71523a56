/** Blocks and islands: the component instances of the page, and their DOM nodes. */
import type { Datum } from "./slots.ts";
import type { Template } from "./templates.ts";
import type { Value } from "./values.ts";

/** What the snapshot says of an island: id, component, directive, digest, props. */
export interface Placed {
  readonly [key: string]: Value;
  readonly id: string;
  readonly c: string;
  readonly h: string;
}

/** An island: a component that a template placed. */
export interface Island {
  readonly placed_: Placed;
  /** Its element in the server's HTML. */
  readonly root_: Element;
  /** Its block, once hydrated. */
  block_?: Block | undefined;
  /** Set when hydration is requested; resolves when the island is hydrated, or failed. */
  hydration_?: Promise<unknown> | undefined;
}

/** The islands of the page by id, without those that failed. */
export const islands = new Map<string, Island>();

/** One block in the page. */
export class Block {
  root_!: Element;
  /** The node of each slot: an element, a text, or an anchor. */
  nodes_!: Node[];
  /** Blocks inside, by slot. */
  readonly kids_: Set<Block>[] = [];
  /** The id of its root on the server, while hydrating. */
  scope_ = "";
  /** The island whose root this is. */
  island_?: Island;

  constructor(
    readonly handle_: number,
    /** The key of a row, with its colon, while hydrating. */
    readonly key_: string,
    readonly template_: Template,
    /** The initial values of its slots. */
    public values_: Datum[],
    public parent_: Block | undefined,
    /** The index of the parent's slot that contains it. */
    public slot_: number,
  ) {}
}

/** The blocks by handle. */
export const blocks: Block[] = [];

const BLOCK = Symbol();
type Root = Element & { [BLOCK]?: Block | null };

/** Marks an element as a block's root; null marks the root of an island that failed. */
export function mark(root: Root, block: Block | null): void {
  root[BLOCK] = block;
}

/** Registers a block by its handle, its root and its parent. */
export function enter(block: Block): void {
  blocks[block.handle_] = block;
  mark(block.root_, block);
  if (block.parent_) (block.parent_.kids_[block.slot_] ??= new Set()).add(block);
}

/** Connects an island with its block: it is hydrated. */
export function own(island: Island, block: Block): void {
  island.block_ = block;
  block.island_ = island;
  block.root_.setAttribute("data-go-hydrated", "");
}

/**
 * Whose element it is: a block's, an island's that is not hydrated yet, null for an island that
 * failed, undefined for none.
 */
export function owner(element: Element): Block | Island | null | undefined {
  for (let at: Root | null = element; at; at = at.parentElement) {
    const found = at[BLOCK] === undefined ? islands.get(at.getAttribute("data-go-id")!) : at[BLOCK];
    if (found !== undefined) return found;
  }
  return undefined;
}
