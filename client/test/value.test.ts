import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encode, type Value } from "../src/values.ts";

const vectors = JSON.parse(
  readFileSync(new URL("../../tests/vectors/values.json", import.meta.url), "utf8"),
) as {
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
  test(`an unsupported value becomes null: ${name}`, () => {
    const without = JSON.parse(json.replace(/-?\d[\d.e+-]*/i, "null")) as Value;
    expect(hex(JSON.parse(json) as Value)).toBe(hex(without));
  });
}

test("values that a reader refuses are not encoded", () => {
  let deep: Value = null;
  for (let i = 0; i < 16; i++) deep = [deep];
  expect(() => encode(deep)).not.toThrow();
  expect(() => encode([deep])).toThrow();
  const most = (4 << 20) - 5;
  expect(encode("x".repeat(most))).toHaveLength(4 << 20);
  expect(() => encode("x".repeat(most + 1))).toThrow();
});

test("a form is a record of all its fields, in their order, without files", () => {
  const form = new FormData();
  form.append("wrap", "");
  form.append("wrap", "on");
  form.append("picture", new File(["x"], "x.png"));
  expect(hex(form)).toBe(
    "0618000000" + "04007772617004" + "00000000" + "04007772617004" + "02000000" + "6f6e",
  );
});
