import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encode, type Value } from "../src/value.ts";

const file = new URL("../../tests/vectors/values.json", import.meta.url);
const { values } = JSON.parse(readFileSync(file, "utf8")) as { values: { name: string; json: Value; hex: string }[] };

test.each(values)("a value is encoded as the vectors say: $name", ({ json, hex }) => {
  expect(Buffer.from(encode(json)).toString("hex")).toBe(hex);
});
