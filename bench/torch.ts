/**
 * PyTorch in a process of its own, asked for timings over its standard input.
 *
 * @module
 */

/** A running PyTorch. */
export interface Torch {
  readonly description: string;
  /** Best of some repetitions, in milliseconds. */
  readonly best: (kind: string, repeats: number) => Promise<number>;
  /** Writes a line and reads the line that answers it. */
  readonly ask: (line: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

async function* lines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + piece).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

/**
 * Starts the PyTorch side.
 *
 * @param name A script in this folder that answers every line with one line; the default reads "kind N" and prints the
 * best of N in milliseconds.
 * @returns The process, or a sentence on why there is none.
 */
export async function startTorch(
  name = "transformer_torch.py",
  args: readonly string[] = [],
): Promise<Torch | string> {
  const script = decodeURIComponent(new URL(name, import.meta.url).pathname);
  try {
    const child = new Deno.Command("python3", {
      args: [script, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const answers = lines(child.stdout);
    const first = (await answers.next()).value;
    if (first === undefined) return "python3 has no torch";
    const writer = child.stdin.getWriter();
    const ask = async (line: string): Promise<string> => {
      await writer.write(new TextEncoder().encode(`${line}\n`));
      return (await answers.next()).value ?? "";
    };
    return {
      description: first.replace("ready ", ""),
      best: async (kind, repeats) => Number(await ask(`${kind} ${repeats}`)),
      ask,
      stop: async () => {
        await writer.close();
        await child.status;
      },
    };
  } catch {
    return "there is no python3";
  }
}
