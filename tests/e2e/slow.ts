/**
 * The store behind a proxy that decides when requests reach it and when answers come back, as a
 * slow network does.
 */
import { createServer, request as ask, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Slowness {
  /** Kept when the request may go to the store. */
  before?(path: string): Promise<void> | undefined;
  /** Kept when the store's answer may come back. */
  after?(path: string): Promise<void> | undefined;
}

export interface SlowStore {
  url: string;
  close(): void;
}

/** Starts a proxy before the store at this address. */
export async function slowly(store: string, { before, after }: Slowness): Promise<SlowStore> {
  const { hostname, port } = new URL(store);
  const server: Server = createServer((from, to) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of from) chunks.push(chunk as Buffer);
      const path = from.url ?? "/";
      await before?.(path);
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const { method, headers } = from;
        ask({ hostname, port, path, method, headers, agent: false }, resolve)
          .on("error", reject)
          .end(Buffer.concat(chunks));
      });
      const body: Buffer[] = [];
      for await (const chunk of answer) body.push(chunk as Buffer);
      await after?.(path);
      // Names and values as they came: an answer may set several cookies.
      to.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      to.end(Buffer.concat(body));
    })().catch(() => to.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Holds everybody who comes until there are so many. */
export function together(count: number): () => Promise<void> {
  let all: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (all = resolve));
  let here = 0;
  return () => {
    if (++here >= count) all();
    return arrived;
  };
}
