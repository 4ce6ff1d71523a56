/** The CALL effect: JavaScript functions that the page declares in `goFunctions`. */
import type { Core } from "./core.ts";
import type { Json, pick } from "./fields.ts";
import type { Send } from "./messages.ts";

/** Results are passed on up to this many UTF-16 units of JSON. */
const LIMIT = 256 << 10;

declare global {
  interface Window {
    /** The functions that components may call, by name. The page declares them. */
    goFunctions?: { [name: string]: (this: Element | undefined, args: Json) => unknown };
  }
}

export type CallFunction = (target: number, texts: string[]) => Promise<void>;

export default function pageFunctions(
  core: Core,
  send: Send,
  report: (error: unknown) => void,
  pickFields: typeof pick,
): CallFunction {
  return async (target, [name = "", args = "{}", handler = "", ...fields]) => {
    let ok = false;
    let data: ReturnType<typeof pick> = {};
    try {
      const declared = () => Object.hasOwn(window.goFunctions ?? {}, name);
      // Scripts of the page may run after its components are hydrated.
      if (!declared() && document.readyState != "complete")
        await new Promise((loaded) => addEventListener("load", loaded, { once: true }));
      if (!declared()) throw new Error(`the page declares no function ${name} in goFunctions`);
      const root = core.blocks_[target]?.root_;
      const answer = await window.goFunctions![name]!.call(root, JSON.parse(args));
      const json = JSON.stringify(answer) ?? "null";
      if (json.length > LIMIT)
        throw new Error(`${name} answers with more than ${LIMIT} characters`);
      data = pickFields(JSON.parse(json), fields);
      ok = true;
    } catch (error) {
      report(error);
    }
    if (target && handler) send(target, handler, "answer", { ok, data });
  };
}
