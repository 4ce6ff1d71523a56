/**
 * The FETCH effect: a request to the shop's own server, of whose JSON the declared fields go to Go.
 */
import { type Json, pick } from "./fields.ts";

/** Answers are read up to this many bytes. */
const LIMIT = 256 << 10;
const TIMEOUT_MS = 30_000;

export interface Answer {
  [key: string]: Json;
  ok: boolean;
  status: number;
  data: { [key: string]: Json };
}

/**
 * Sends a request. `data` has those of the declared fields that are in the answer. While the page
 * is left, a GET fails at once: nothing could use its answer.
 */
export async function request(
  method: string,
  url: string,
  body: string,
  fields: string[],
  leaving: boolean,
): Promise<Answer> {
  let status = 0;
  const stop = new AbortController();
  const timeout = setTimeout(() => stop.abort(), TIMEOUT_MS);
  const type = "application/x-www-form-urlencoded";
  try {
    if (leaving && method == "GET") throw undefined;
    // Leaving the page must not cancel a change of the cart. Browsers limit the size of requests
    // with keepalive, and Firefox of 2024 does not support it.
    if (leaving && !("keepalive" in Request.prototype)) {
      navigator.sendBeacon(url, new Blob([body], { type }));
      throw undefined;
    }
    const response = await fetch(url, {
      method,
      headers: { accept: "application/json", ...(body && { "content-type": type }) },
      body: body || null,
      mode: "same-origin",
      credentials: "same-origin",
      keepalive: body.length < 16_000,
      signal: stop.signal,
    });
    status = response.status;
    const json = JSON.parse(await bounded(response)) as Json;
    return { ok: response.ok, status, data: pick(json, fields) };
  } catch {
    return { ok: false, status, data: {} };
  } finally {
    clearTimeout(timeout);
  }
}

async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  let text = "";
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    if ((size += value.length) > LIMIT) {
      await reader.cancel();
      throw new Error("an answer of more than " + LIMIT + " bytes");
    }
    text += decoder.decode(value, { stream: true });
  }
}
