/**
 * `manifest.json`: what a run needs to be understood and repeated.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import * as t from "io-ts";
import { join } from "node:path";
import project from "../../deno.json" with { type: "json" };
import { decodeWith, parseJson } from "../concept/json_file.ts";
import type { HasClock, HasFiles } from "../core/capability.ts";
import type { PipelineError } from "../core/error.ts";
import type { Stage } from "../core/stage.ts";
import { textIfThere } from "../core/text_file.ts";

/** The computer and the runtime. */
export interface Machine {
  readonly os: string;
  readonly architecture: string;
  readonly cores: number;
  /** Bytes; `null` where it may not be asked. */
  readonly memory: number | null;
  readonly deno: string;
  readonly v8: string;
  readonly typescript: string;
}

/** What the run knows about itself. */
export interface RunFacts {
  readonly name: string;
  /** `train`, `cold-start`, `eval` … */
  readonly command: string;
  readonly configHash: string;
  /** Role → seed. */
  readonly seeds: Readonly<Record<string, number>>;
  /** The tensor backend and its version. */
  readonly backend: string;
  /** Fingerprint of the frozen weights; absent where a command has none. */
  readonly weights?: string;
  readonly machine: Machine;
}

/** The content of the file. */
export interface Manifest extends RunFacts {
  readonly started: string;
  readonly version: string;
  /** The commit of the source, or `null` outside a repository. */
  readonly commit: string | null;
  /** Package → version, as pinned. */
  readonly packages: Readonly<Record<string, string>>;
}

/**
 * Reads the pinned packages from an import map.
 *
 * @param imports Name → `npm:` specifier.
 * @returns Package → version.
 */
export function packageVersions(imports: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const matches = Object.values(imports).map((target) => /^npm:\/?(.+)@([^@/]+)\/?$/.exec(target));
  return Object.fromEntries(
    matches.flatMap((match) => match === null ? [] : [[match[1] as string, match[2] as string]]),
  );
}

/**
 * Finds the commit that a working copy is at, from git's own files.
 *
 * @param root The folder that holds `.git`.
 * @returns A stage with 40 hexadecimal digits, or `null` if there is no repository.
 */
export function readCommit(root: string): Stage<HasFiles, string | null> {
  const hashIn = (text: string): string | null => /^[0-9a-f]{40}/.exec(text)?.[0] ?? null;
  return ({ files }) =>
    pipe(
      textIfThere(files, join(root, ".git/HEAD")),
      TE.flatMap((head) => {
        const reference = /^ref: (\S+)/.exec(head)?.[1];
        if (reference === undefined) return TE.right(hashIn(head));
        return pipe(
          textIfThere(files, join(root, ".git", reference)),
          TE.flatMap((loose) =>
            loose !== "" ? TE.right(hashIn(loose)) : pipe(
              textIfThere(files, join(root, ".git/packed-refs")),
              TE.map((packed) =>
                hashIn(packed.split("\n").find((line) => line.endsWith(` ${reference}`)) ?? "")
              ),
            )
          ),
        );
      }),
      TE.orElse(() => TE.right<PipelineError, string | null>(null)),
    );
}

/**
 * Writes the manifest of a run.
 *
 * @param facts What the run knows about itself.
 * @param options.root The folder that holds `.git`.
 * @returns A stage with the manifest.
 */
export function writeManifest(
  path: string,
  facts: RunFacts,
  options: { readonly root: string },
): Stage<HasFiles & HasClock, Manifest> {
  return ({ files, clock }) =>
    pipe(
      readCommit(options.root)({ files }),
      TE.map((commit): Manifest => ({
        ...facts,
        started: clock.date(),
        version: project.version,
        commit,
        packages: packageVersions(project.imports),
      })),
      TE.tap((manifest) => files.writeAtomic(path, `${JSON.stringify(manifest, null, 1)}\n`)),
    );
}

/**
 * Reads what a manifest says about weights.
 *
 * @returns Their fingerprint, if it was noted; nothing where there is no manifest. Left if the file is damaged.
 */
export function readManifest(path: string): Stage<HasFiles, Pick<RunFacts, "weights">> {
  return pipe(
    ({ files }: HasFiles) => textIfThere(files, path),
    RTE.flatMapEither((text) => text === "" ? E.right({}) : parseJson(text, path)),
    RTE.flatMapEither(decodeWith(t.partial({ weights: t.string }), path)),
  );
}
