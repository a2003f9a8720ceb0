/**
 * The attribute reader of a profile, or a line that says why there is none.
 *
 * @module
 */
import * as RTE from "fp-ts/lib/ReaderTaskEither.js";
import { refuse } from "../core/refuse.ts";
import type { HasFiles } from "../core/capability.ts";
import type { Stage } from "../core/stage.ts";
import {
  type AttributeReader,
  loadAttributeReader,
} from "../experts/attribute_reader/attribute_reader_load.ts";
import type { Profile } from "../method/profile.ts";

/** Who asks, for the line that refuses. */
export interface ReaderRefusal {
  /** The profile or setting that asks for the reader. */
  readonly where: string;
  /** Default: name another profile. */
  readonly remedy?: string;
}

/**
 * Loads the attribute reader of a profile.
 *
 * @param profile The profile; its `judge` is the reader's folder.
 * @param refusal What a person reads where the profile has none.
 * @returns The reader; its `dispose` frees the weights. Left `InputInvalid` if the profile names none.
 */
export function openReader(
  { judge }: Pick<Profile, "judge">,
  { where, remedy = "name a profile that has one" }: ReaderRefusal,
): Stage<HasFiles, AttributeReader> {
  return judge === null
    ? RTE.fromEither(refuse(where, "the profile has no attribute reader (judge)", remedy))
    : loadAttributeReader(judge);
}
