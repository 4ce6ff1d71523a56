/** The patch buffer: what comes out of Go. */
import { adopt } from "./adopt.ts";
import { Block, blocks, islands, type Island } from "./block.ts";
import type { Change } from "./change.ts";
import { Op } from "./op.ts";
import { loadChange } from "./parts.ts";
import { type Datum, holds, Kind, settle, type Slot, write } from "./slot.ts";
import type { Template } from "./template.ts";

/** kind, target, texts */
export type Effect = [kind: number, target: number, texts: string[]];

/** Once it is there. */
let change: Change | undefined;

/** The templates of the instance; blocks keep theirs when another one follows. */
const templates: Template[] = [];

/**
 * Applies a patch buffer to the page, and adds its effects to `effects`. Where a part has to be loaded first, what it
 * returns is kept when all is done; Go must not be called before. Throws when the buffer makes no sense.
 */
export function apply(output: Uint8Array<ArrayBuffer>, text: string, effects: Effect[]): Promise<void> | void {
  const words = new Uint32Array(output.buffer);
  let at = 0;
  let from = 0;
  /** The island that is being described, its blocks, and its flags. */
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
    kind_ == Kind.Class ? word() : kind_ == Kind.Bool || kind_ == Kind.Checked ? (word() ? "" : null) : string();

  const run = (): Promise<void> | void => {
    while (at < words.length || described) {
      let job: ((change: Change) => void) | undefined;
      const op = words[at];
      if (described && op != Op.New) {
        const known = described;
        const target = island;
        const found = target && adopt(target, known, flags);
        if (found) job = (change) => change.rebuild_(target, known, found);
        described = undefined;
      } else {
        at++;
        if (op == Op.Template) {
          const id = word();
          const count = word();
          templates[id] = {
            html_: string()!,
            slots_: times(count, () => {
              const kind = word();
              return { kind_: kind & 255, anchor_: kind >> 8, path_: string() ?? "", name_: string() ?? "" };
            }),
            protos_: [],
          };
        } else if (op == Op.New) {
          const template = templates[word()]!;
          const count = word();
          const above = word();
          const slot = word();
          const before = blocks[word()];
          const keyed = word();
          const inside = described?.find((block) => block.handle_ == above);
          const made = times(
            count,
            () =>
              new Block(
                word(),
                keyed ? ":" + string() : "",
                template,
                template.slots_.map((slot) => (holds(slot) ? datum(slot) : null)),
                inside ?? blocks[above],
                slot,
              ),
          );
          if (described && (inside || !above)) described.push(...made);
          else job = (change) => made.forEach((block) => change.create_(block, before));
        } else if (op == Op.Set) {
          const block = blocks[word()]!;
          const index = word();
          const slot = block.template_.slots_[index]!;
          write(block.nodes_, index, slot, datum(slot));
        } else if (op == Op.Island) {
          word();
          flags = word();
          island = islands.get(string()!);
          described = [];
        } else if (op == Op.Effect) {
          effects.push([word(), word(), times(word(), () => string() ?? "")]);
        } else {
          job = (change) => change.carryOut_(op!, word);
        }
      }
      if (job) {
        const todo = job;
        if (!change) {
          return loadChange().then((loaded) => {
            todo((change = loaded));
            return run();
          });
        }
        todo(change);
      }
    }
    settle();
  };
  return run();
}
