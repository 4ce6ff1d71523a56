/** Blocks, and the islands they belong to. */
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
  /** Set when it is to be hydrated: kept when it is, or will not be. */
  woken_?: Promise<unknown> | undefined;
}

/** The islands of the page by id, without those that are left alone. */
export const islands = new Map<string, Island>();

/** One block in the page. */
export class Block {
  root_!: Element;
  /** For each slot its node: an element, a text, or an anchor. */
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
    /** What its slots hold at first. */
    public values_: Datum[],
    public parent_: Block | undefined,
    /** The parent's slot that it is in. */
    public slot_: number,
  ) {}
}

/** The blocks by handle. */
export const blocks: Block[] = [];

const BLOCK = Symbol();
type Root = Element & { [BLOCK]?: Block | null };

/** Marks an element as a block's root; null: as the root of an island that is left alone. */
export function mark(root: Root, block: Block | null): void {
  root[BLOCK] = block;
}

/** Makes a block known by its handle, and by its root. */
export function enter(block: Block): void {
  blocks[block.handle_] = block;
  mark(block.root_, block);
  if (block.parent_) (block.parent_.kids_[block.slot_] ??= new Set()).add(block);
}

/** Connects an island and its block. */
export function own(island: Island, block: Block): void {
  island.block_ = block;
  block.island_ = island;
  block.root_.setAttribute("data-go-hydrated", "");
}

/**
 * Who answers for an element: its block, an island that waits, null for an island that is left
 * alone, undefined for nobody known.
 */
export function owner(element: Element): Block | Island | null | undefined {
  for (let at: Root | null = element; at; at = at.parentElement) {
    const found = at[BLOCK] === undefined ? islands.get(at.getAttribute("data-go-id")!) : at[BLOCK];
    if (found !== undefined) return found;
  }
  return undefined;
}
