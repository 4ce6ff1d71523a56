/** A browser, and a site of routes for it. */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, inject } from "vitest";
import { chromium, type Browser } from "playwright-core";

/** The Chromium to use: PROTIUM_CHROMIUM, else the one on PATH, else Playwright's own. */
function executable(): string | undefined {
  if (process.env["PROTIUM_CHROMIUM"]) return process.env["PROTIUM_CHROMIUM"];
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const folder of (process.env["PATH"] ?? "").split(":"))
      if (existsSync(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  return undefined;
}

function launch(): Promise<Browser> {
  const path = executable();
  return chromium.launch({
    ...(path ? { executablePath: path } : {}),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A site on a free port. `routes` may be changed while it runs. */
export class Site {
  readonly routes = new Map<string, Answer>();
  /** Requests, besides files: "POST /cart/add a=1". */
  readonly asked: string[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(assets: string): Promise<Site> {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        const path = (request.url ?? "/").split("?")[0]!;
        const route = started.routes.get(path) ?? started.routes.get("*");
        const file = path.startsWith("/_protium/") && assets + "/" + path.slice(10);
        if (started.routes.has(path)) route!(request, response, body);
        else if (file && existsSync(file)) send(response, readFileSync(file), "text/javascript");
        else if (path == "/favicon.ico") send(response, "", "image/x-icon");
        else {
          started.asked.push(`${request.method} ${request.url} ${body}`.trim());
          if (route) route(request, response, body);
          else send(response, "nothing here", "text/plain");
        }
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const started = new Site(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return started;
  }

  html(path: string, html: string): void {
    this.routes.set(path, (_, response) => send(response, html, "text/html; charset=utf-8"));
  }

  file(path: string, file: string, type: string): void {
    this.routes.set(path, (_, response) => send(response, readFileSync(file), type));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

export function send(
  response: ServerResponse,
  body: string | Buffer,
  type: string,
  status = 200,
): void {
  response.writeHead(status, { "content-type": type });
  response.end(body);
}

export let browser: Browser;
export let site: Site;

/** Opens the browser and the site for the tests of a file, and closes them after the last. */
export function openForThisFile(): void {
  beforeAll(async () => {
    browser = await launch();
    site = await Site.start(inject("assets"));
  });
  afterAll(async () => {
    await browser?.close();
    site?.stop();
  });
}
