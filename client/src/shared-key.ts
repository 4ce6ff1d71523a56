/** The KEY effect: a random key in a cookie, the same in all tabs. */

/** Creates the key, unless there is one: then the result is undefined instead of a promise. */
export function sharedKey(cookie: string): Promise<void> | undefined {
  const secure = location.protocol == "https:";
  // Only this host can set a cookie with this prefix, and only over https.
  const name = secure ? "__Host-" + cookie : cookie;
  const isThere = (): boolean =>
    document.cookie.split("; ").some((pair) => pair.startsWith(name + "="));
  const make = (): void => {
    if (isThere()) return;
    const digits = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
      byte.toString(16).padStart(2, "0"),
    );
    const attributes = secure ? "; path=/; samesite=strict; secure" : "; path=/; samesite=strict";
    document.cookie = `${name}=${digits.join("")}${attributes}`;
    // Reading it back waits until other tabs see it.
    isThere();
  };
  if (isThere()) return;
  // The lock keeps two tabs from creating one each. Browsers have locks over https and on
  // localhost.
  return navigator.locks
    ? navigator.locks.request(name, make).catch(make)
    : Promise.resolve(make());
}
