/**
 * A server like those of models, in a process of its own, for commands that ask one: it prints its port, says "Yes." to every
 * question, draws the same small picture for every prompt, and prints one line of JSON for each request.
 *
 * @module
 */
import { solidImage } from "../../lib/image/image.ts";
import { encodePng } from "../../lib/image/png.ts";

const PICTURE = encodePng(solidImage(8, 8, [200, 60, 20])).toBase64();

/** What a request asks, in a few words. */
async function seenIn(request: Request): Promise<Record<string, unknown>> {
  if (!request.headers.get("content-type")?.startsWith("multipart/")) return await request.json();
  const form = await request.formData();
  const files = [...form.values()].filter((value) => value instanceof File);
  return {
    // Line ends inside forms travel as CRLF.
    prompt: String(form.get("prompt")).replaceAll("\r\n", "\n"),
    size: form.get("size"),
    files: files.map(({ type }) => type),
    fields: [...new Set(form.keys())],
  };
}

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(JSON.stringify({ port })),
}, async (request) => {
  const path = new URL(request.url).pathname;
  console.log(JSON.stringify({ path, asked: await seenIn(request) }));
  return path.endsWith("/chat/completions")
    ? Response.json({ choices: [{ message: { role: "assistant", content: "Yes." } }] })
    : Response.json({ data: [{ b64_json: PICTURE }] });
});
await server.finished;
