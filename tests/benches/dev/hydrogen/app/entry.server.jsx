import { renderToReadableStream } from "react-dom/server";
import { ServerRouter } from "react-router";

export default async function handleRequest(request, status, headers, context) {
  const page = <ServerRouter context={context} url={request.url} />;
  const body = await renderToReadableStream(page, { signal: request.signal });
  headers.set("content-type", "text/html");
  return new Response(body, { headers, status });
}
