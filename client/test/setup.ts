/**
 * Before all tests: the runtime and the module of the vectors, built from their sources, in both
 * lanes.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { build } from "../build.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const go = root + "components-go/";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the built runtime is. */
    assets: string;
    /** The module's file by lane. */
    modules: { tinygo: string; go: string };
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const target = root + "target/client/";
  mkdirSync(target, { recursive: true });
  await build(target + "assets");

  const modules = {
    tinygo: target + "conformance-tinygo.wasm",
    go: target + "conformance-go.wasm",
  };
  const run = (program: string, args: string[], env = {}): string =>
    execFileSync(program, args, {
      cwd: go,
      env: { ...process.env, ...env },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "inherit"],
    });
  run("go", ["build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", modules.go, "./conformance"], {
    GOOS: "wasip1",
    GOARCH: "wasm",
  });
  const tinygo = run("bash", ["scripts/install-tinygo.sh"]).trim();
  run(tinygo, [
    "build",
    "-o",
    modules.tinygo,
    "-target",
    "tinygo-target.json",
    "-opt=z",
    "-no-debug",
    "./conformance",
  ]);

  project.provide("assets", target + "assets");
  project.provide("modules", modules);
}
