/** The example expert, which dies after so many requests: `dying_expert.ts 3`. */
let left = Number(Deno.args[0]);
const onListen = ({ port }: Deno.NetAddr) => console.log(`http://127.0.0.1:${port}/`);
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, async (request) => {
  if (left-- <= 0) Deno.exit(1);
  const { rows }: { rows: { answer: string }[] } = await request.json();
  const lengths = rows.map(({ answer }) => answer.split(/\s+/).filter((word) => word !== "").length);
  return Response.json({ scores: lengths.map((length) => length === 0 ? null : 1 / length) });
});
