/** The protocol's encoding of values, for input of calls into Go. */

/**
 * A JSON value, bytes that are sent as a text (`saved`), or a form: a record of all its fields in
 * their order. Keys that are `undefined` are left out, and so are a form's files.
 */
export type Value =
  | null
  | undefined
  | boolean
  | number
  | string
  | Uint8Array
  | Value[]
  | FormData
  | { [key: string]: Value };

const encoder = new TextEncoder();

/** The lowest bytes of a number, little-endian. */
function bytes(number: number, count: number): number[] {
  const n = BigInt(number);
  return Array.from({ length: count }, (_, i) => Number((n >> BigInt(8 * i)) & 255n));
}

const text = (data: string): Uint8Array => encoder.encode(data.replaceAll("\0", "\ufffd"));

/**
 * Encodes a value. Throws a string for what a reader would refuse: more than 4 MiB, or lists and
 * records nested more than 16 deep.
 */
export function encode(v: Value, depth = 0): number[] {
  let tag = 0;
  let payload: ArrayLike<number> & Iterable<number> = [];
  if (typeof v == "boolean") {
    tag = v ? 2 : 1;
  } else if (Number.isSafeInteger(v)) {
    tag = 3;
    payload = bytes(v as number, 8);
  } else if (typeof v == "string" || v instanceof Uint8Array) {
    tag = 4;
    payload = typeof v == "string" ? text(v) : v;
  } else if (v && typeof v == "object") {
    tag = Array.isArray(v) ? 5 : 6;
    const entries = v instanceof FormData ? [...v] : Object.entries(v);
    payload = entries.flatMap(([name, item]) => {
      if (item === undefined || item instanceof File) return [];
      const key = text(name);
      return tag < 6
        ? encode(item, depth + 1)
        : [...bytes(key.length, 2), ...key, ...encode(item, depth + 1)];
    });
  }
  if (payload.length + 5 > 4 << 20 || (tag > 4 && depth > 15))
    throw "a value too large or too deep";
  return [tag, ...bytes(payload.length, 4), ...payload];
}
