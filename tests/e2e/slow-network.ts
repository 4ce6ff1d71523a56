/** A slow network: a proxy before the store that delays requests and responses. */
import { createServer, request as ask, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Slowness {
  /** Resolves when the request may be sent to the store. */
  before?(path: string): Promise<void> | undefined;
  /** Resolves when the store's response may be returned. */
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
      // Raw headers, since a response may set several cookies.
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

/** Holds back all callers until there are `count` of them. */
export function together(count: number): () => Promise<void> {
  let all: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (all = resolve));
  let here = 0;
  return () => {
    if (++here >= count) all();
    return arrived;
  };
}
