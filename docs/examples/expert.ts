// A reward expert behind a URL: short answers are good, empty ones do not count.
// deno run --allow-net=127.0.0.1 expert.ts 8901

interface Concept {
  readonly token: string;
  /** PNG files in base64. */
  readonly photos: readonly string[];
}

interface Row {
  /** Its place in the list of concepts. */
  readonly concept: number;
  readonly answer: string;
  /** A PNG file in base64. */
  readonly image: string;
}

/** One number, higher is better; null: the expert does not apply. Uint8Array.fromBase64(row.image) is a PNG. */
function score(row: Row, _concept: Concept | undefined): number | null {
  const words = row.answer.split(/\s+/).filter((word) => word !== "");
  return words.length === 0 ? null : 1 / words.length;
}

const onListen = ({ port }: Deno.NetAddr) => console.log(`http://127.0.0.1:${port}/`);
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.args[0]), onListen }, async (request) => {
  const { concepts, rows }: { concepts: Concept[]; rows: Row[] } = await request.json();
  return Response.json({ scores: rows.map((row) => score(row, concepts[row.concept])) });
});
