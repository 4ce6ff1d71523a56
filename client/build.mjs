// Builds the browser runtime into framework/protium/assets/, or into the folder given as the first
// argument.
//
//   capture.js         the inline script; its bytes are hashed for the content security policy, so
//                      there is no line end after it
//   runtime.js         the core, a module
//   rest-HASH.js       what handlers need and hydration does not; pages preload it
//   NAME-HASH.js       further parts that the core imports when they are needed, next to itself
//   filter-HASH.js     the catalogue filter, a module that pages import by themselves
//
// The same sources give the same bytes.
import { createHash } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build as bundle } from "esbuild";
import { minify } from "terser";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * The parts that load beside the core, and the name by which the core's source calls each one's
 * address.
 */
const PARTS = { more: "MORE", rest: "REST", wasi: "WASI", dev: "DEV" };

async function compile(entry, options) {
  const result = await bundle({
    absWorkingDir: here,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    write: false,
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    // The sources' own options (strict mode among them) are the type checker's.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    // Names that end in _ are private, and short. Core and parts must shorten them alike.
    mangleProps: /_$/,
    ...options,
  });
  // esbuild knows the private names; terser makes the rest smaller by another 4 %.
  const { code } = await minify(result.outputFiles[0].text, {
    module: options.format == "esm",
    ecma: 2020,
    compress: { passes: 3, unsafe_arrows: true },
    format: { comments: false, semicolons: true },
  });
  return { code: code.trimEnd(), names: result.mangleCache };
}

/** The name of a file with a digest of its content. */
const hashed = (name, code) =>
  `${name}-${createHash("sha256").update(code).digest("hex").slice(0, 10)}.js`;

/** Builds all files into `folder`. Returns their names and contents. */
export async function build(folder) {
  const files = {};
  const define = Object.fromEntries(Object.values(PARTS).map((name) => [name, '"./part.js"']));
  const external = ["./*.js"];
  let { names } = await compile("src/boot.ts", {
    format: "esm",
    define,
    external,
    mangleCache: {},
  });
  for (const [part, name] of Object.entries(PARTS)) {
    const compiled = await compile(`src/${part}.ts`, {
      format: "esm",
      define,
      external,
      mangleCache: names,
    });
    names = compiled.names;
    const file = hashed(part, compiled.code);
    files[file] = compiled.code;
    define[name] = JSON.stringify(`./${file}`);
  }
  files["runtime.js"] = (
    await compile("src/boot.ts", { format: "esm", define, external, mangleCache: names })
  ).code;
  const filter = await compile("src/filter.ts", { format: "esm" });
  files[hashed("filter", filter.code)] = filter.code;
  files["capture.js"] = (await compile("src/capture.ts", { format: "iife" })).code;

  await mkdir(folder, { recursive: true });
  for (const old of await readdir(folder)) {
    if (/^[a-z]+(-[0-9a-f]{10})?\.js$/.test(old) && !(old in files)) await rm(join(folder, old));
  }
  for (const [file, code] of Object.entries(files)) await writeFile(join(folder, file), code);
  return files;
}

if (import.meta.url == pathToFileURL(process.argv[1] ?? "").href) {
  const files = await build(resolve(process.argv[2] ?? join(here, "../framework/protium/assets")));
  for (const [file, code] of Object.entries(files)) console.log(file, Buffer.byteLength(code));
}
