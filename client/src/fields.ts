/** JSON from outside, reduced to the fields that a component declared. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Picks the declared fields, written as `a`, `a.b`, `lines[].id`, and drops all others. */
export function pick(json: Json, fields: string[]): { [key: string]: Json } {
  const shape: Shape = new Map();
  for (const field of fields) {
    let at = shape;
    for (const name of field.split(".")) {
      let inner = at.get(name);
      if (!inner) at.set(name, (inner = new Map()));
      at = inner;
    }
  }
  const picked = take(json, shape);
  return picked && typeof picked == "object" && !Array.isArray(picked) ? picked : {};
}

type Shape = Map<string, Shape>;

function take(json: Json, shape: Shape): Json {
  if (!shape.size) return json;
  if (!json || typeof json != "object" || Array.isArray(json)) return null;
  const picked: { [key: string]: Json } = Object.create(null);
  for (const [name, inner] of shape) {
    const list = name.endsWith("[]");
    const key = list ? name.slice(0, -2) : name;
    if (Object.prototype.hasOwnProperty.call(json, key)) {
      const value = json[key]!;
      if (!list) picked[key] = take(value, inner);
      else if (Array.isArray(value)) picked[key] = value.map((item) => take(item, inner));
    }
  }
  return picked;
}
