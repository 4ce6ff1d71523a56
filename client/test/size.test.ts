import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { expect, inject, test } from "vitest";
import { build } from "../build.mjs";

const files = (folder: string): [string, string][] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".js"))
    .sort()
    .map((file) => [file, readFileSync(join(folder, file), "utf8")]);

test("brotli core plus inline script are at most 4 600 bytes", () => {
  const built = new Map(files(inject("assets")));
  const inline = Buffer.byteLength(built.get("capture.js")!);
  const core = brotliCompressSync(built.get("runtime.js")!).length;
  console.info(`inline script ${inline} + core ${core} = ${inline + core} bytes`);
  expect(inline).toBeLessThan(1000);
  expect(inline + core).toBeLessThanOrEqual(4600);
});

test("the inline script cannot end its element", () => {
  const script = new Map(files(inject("assets"))).get("capture.js")!;
  expect(script).not.toMatch(/<\/|<!--|\s$/);
});

test("the same sources give the same bytes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "protium-client-"));
  await build(folder);
  expect(files(folder)).toEqual(files(inject("assets")));
  rmSync(folder, { recursive: true });
});
