/** Loads parts of the runtime from beside it. */

const load = <Part>(url: string): Promise<Part> => import(url);

/**
 * Loads a part; a second time under another address where the first fails, since browsers remember
 * failed modules.
 */
export const loadPart = <Part>(url: string): Promise<Part> =>
  load<Part>(url).catch(() =>
    new Promise((resolve) => setTimeout(resolve, 500)).then(() => load(url + "?again")),
  );
