import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encode, type Value } from "../src/value.ts";

const vectors = JSON.parse(readFileSync(new URL("../../tests/vectors/values.json", import.meta.url), "utf8")) as {
  values: { name: string; json: Value; hex: string }[];
  notValues: { name: string; json: string }[];
};
const hex = (value: Value): string => Buffer.from(encode(value)).toString("hex");

for (const { name, json, hex: expected } of vectors.values) {
  test(`a value is encoded: ${name}`, () => {
    expect(hex(json)).toBe(expected);
  });
}

for (const { name, json } of vectors.notValues) {
  test(`what is no value becomes null: ${name}`, () => {
    expect(hex(JSON.parse(json) as Value)).toBe(hex(null));
  });
}

test("what a reader would refuse is not sent", () => {
  let deep: Value = null;
  for (let i = 0; i < 16; i++) deep = [deep];
  expect(() => encode(deep)).not.toThrow();
  expect(() => encode([deep])).toThrow();
  expect(() => encode("x".repeat(4 << 20))).toThrow();
});
