/** Random keys that all tabs share. */

/**
 * Makes sure that there is a random key in a cookie, one for all tabs. Kept when there is;
 * undefined where there is one already.
 */
export function sharedKey(cookie: string): Promise<void> | undefined {
  const secure = location.protocol == "https:";
  // Only this very host can set a cookie of such a name, and only by https.
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
    // Reading it back waits until other tabs read it too.
    isThere();
  };
  if (isThere()) return;
  // Two tabs at once do not make one each, where the browser has locks: by https, and on this
  // machine.
  return navigator.locks
    ? navigator.locks.request(name, make).catch(make)
    : Promise.resolve(make());
}
