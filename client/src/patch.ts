/** The patch buffer: decodes what Go wants to change in the page. */
import { adopt } from "./adopt.ts";
import { Block, type Island, blocks, islands } from "./blocks.ts";
import { rest } from "./parts.ts";
import type { Rest } from "./rest.ts";
import { type Datum, Kind, type Slot, holds, write } from "./slots.ts";
import type { Template } from "./templates.ts";

export const enum Op {
  Template = 1,
  New,
  Set,
  Move,
  Remove,
  Clear,
  Island,
  Replace,
  Effect,
}

/** kind, target, texts */
export type Effect = [kind: number, target: number, texts: string[]];

/** The templates of the current instance. Blocks of an earlier one keep their templates. */
const templates: Template[] = [];

/**
 * Decodes a patch buffer. Returns the steps that apply it, and adds its effects to `effects`.
 * Throws an error for an invalid buffer, and undefined when the rest of the runtime is needed but
 * not loaded; nothing has changed by then.
 */
export function decode(
  output: Uint8Array<ArrayBuffer>,
  text: string,
  effects: Effect[],
): (() => void)[] {
  const words = new Uint32Array(output.buffer);
  const steps: (() => void)[] = [];
  /** The blocks that this patch makes, by handle. */
  const made: Block[] = [];
  let at = 0;
  let from = 0;
  /** The island whose description is being read, its blocks, and its flags. */
  let island: Island | undefined;
  let described: Block[] | undefined;
  let flags = 0;

  const word = (): number => words[at++]!;
  const string = (): string | null => {
    const length = word();
    return length > 0xfffffffe ? null : text.slice(from, (from += length));
  };
  const times = <T>(count: number, item: () => T): T[] => Array.from({ length: count }, item);
  const datum = ({ kind_ }: Slot): Datum =>
    kind_ == Kind.Class
      ? word()
      : kind_ == Kind.Bool || kind_ == Kind.Checked
        ? word()
          ? ""
          : null
        : string();
  const known = (handle: number): Block => {
    const block = made[handle] ?? blocks[handle];
    if (!block) throw new Error("a patch for the unknown block " + handle);
    return block;
  };
  const needed = (): Rest => {
    if (!rest) throw rest;
    return rest;
  };

  while (at < words.length || described) {
    const op = words[at];
    if (described && op != Op.New) {
      const target = island;
      const all = described;
      described = undefined;
      if (target) {
        const { step_, found_ } = adopt(target, all, flags);
        steps.push(step_);
        if (found_) {
          const part = needed();
          steps.push(() => part.rebuild_(target, all, found_));
        }
      }
      continue;
    }
    at++;
    if (op == Op.Template) {
      const id = word();
      const count = word();
      templates[id] = {
        html_: string()!,
        slots_: times(count, () => {
          const kind = word();
          return {
            kind_: kind & 255,
            anchor_: kind >> 8,
            path_: string() ?? "",
            name_: string() ?? "",
          };
        }),
        protos_: [],
      };
    } else if (op == Op.New) {
      const template = templates[word()]!;
      const count = word();
      const above = word();
      const parent = above ? known(above) : undefined;
      const slot = word();
      const next = word();
      const before = next ? known(next) : undefined;
      const keyed = word();
      const all = times(count, () => {
        const handle = word();
        return (made[handle] = new Block(
          handle,
          keyed ? ":" + string() : "",
          template,
          template.slots_.map((slot) => (holds(slot) ? datum(slot) : null)),
          parent,
          slot,
        ));
      });
      if (described) {
        described.push(...all);
      } else {
        const part = needed();
        steps.push(() => all.forEach((block) => part.create_(block, before)));
      }
    } else if (op == Op.Set) {
      const { nodes_, template_ } = known(word());
      const index = word();
      const value = datum(template_.slots_[index]!);
      steps.push(() => write(nodes_, template_, index, value));
    } else if (op == Op.Island) {
      word();
      flags = word();
      island = islands.get(string()!);
      described = [];
    } else if (op == Op.Effect) {
      needed();
      effects.push([word(), word(), times(word(), () => string() ?? "")]);
    } else {
      steps.push(needed().carryOut_(op!, word, known));
    }
  }
  return steps;
}
