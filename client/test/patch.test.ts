/** Decoding of patch buffers, valid and invalid, without a page. */
import { expect, test } from "vitest";
import { Block, blocks } from "../src/blocks.ts";
import { decode, type Effect } from "../src/patch.ts";
import type { Template } from "../src/templates.ts";

const buffer = (...words: number[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(new Uint32Array(words).buffer);
const template: Template = {
  html_: "<p></p>",
  slots_: [{ kind_: 0, anchor_: 255, path_: "", name_: "" }],
  protos_: [],
};
const block = new Block(1, "", template, [], undefined, 0);
blocks[1] = block;

test.each([
  ["a write to a block that is not there", [3, 9, 0, 1]],
  ["a block in a block that is not there", [2, 1, 1, 9, 0, 0, 0, 2, 1]],
  ["a word that is not known", [77]],
])("a patch with %s is not begun", (_, wrong) => {
  const node = { nodeType: 3, data: "before", parentNode: {} };
  block.nodes_ = [node as never];
  const effects: Effect[] = [];
  let thrown = false;
  try {
    decode(buffer(3, 1, 0, 5, ...wrong), "after", effects);
  } catch {
    thrown = true;
  }
  expect(thrown).toBe(true);
  expect(node.data).toBe("before");
});

test("decoding changes nothing, the returned steps do", () => {
  const node = { nodeType: 3, data: "before", parentNode: {} };
  block.nodes_ = [node as never];
  const steps = decode(buffer(3, 1, 0, 5), "after", []);
  expect(node.data).toBe("before");
  for (const step of steps) step();
  expect(node.data).toBe("after");
});

test("a patch with effects waits for the rest of the runtime", () => {
  const node = { nodeType: 3, data: "before", parentNode: {} };
  block.nodes_ = [node as never];
  const effects: Effect[] = [];
  let thrown: unknown = "nothing";
  try {
    decode(buffer(3, 1, 0, 5, 9, 99, 1, 1, 2), "afterxy", effects);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeUndefined();
  expect(effects).toEqual([]);
});

test("a slot of an unknown kind consumes its text, and changes nothing", () => {
  const node = { nodeType: 3, data: "before", parentNode: {} };
  const element = { nodeType: 1, localName: "p" };
  const later: Template = {
    ...template,
    slots_: [{ kind_: 77 as never, anchor_: 255, path_: "", name_: "later" }, ...template.slots_],
  };
  const strange = new Block(2, "", later, [], undefined, 0);
  blocks[2] = strange;
  strange.nodes_ = [element as never, node as never];
  const steps = decode(buffer(3, 2, 0, 2, 3, 2, 0, 0xffffffff, 3, 2, 1, 5), "xyafter", []);
  for (const step of steps) step();
  expect(node.data).toBe("after");
  expect(element).toEqual({ nodeType: 1, localName: "p" });
});
