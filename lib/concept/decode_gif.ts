/**
 * The first frame of a GIF.
 *
 * @module
 */
import * as E from "fp-ts/lib/Either.js";
// @ts-types="@types/omggif"
import { GifReader } from "omggif";
import { attempt, type Checked } from "../core/stage.ts";
import type { Decoded } from "./decoded.ts";
import { overWhite } from "./over_white.ts";
import { refuse } from "./refuse.ts";

const RETRY = "copy or download the picture again";

/**
 * Decodes the first frame of a GIF; transparency is laid over white.
 *
 * @param bytes The file; its header has been checked.
 * @param name Used in messages.
 * @returns Opaque pixels, with a warning if there are more frames; left `InputInvalid` if the data is damaged.
 */
export function decodeGif(bytes: Uint8Array, name: string): Checked<Decoded> {
  const damaged = (message: string) => ({
    _tag: "InputInvalid" as const,
    where: name,
    problem: `GIF data is damaged or ends early (${message})`,
    remedy: RETRY,
  });
  const opened = attempt(damaged, () => new GifReader(bytes as never));
  if (E.isLeft(opened)) return opened;
  const { width, height } = opened.right;
  if (opened.right.numFrames() === 0) return refuse(name, "GIF without a picture", RETRY);
  const frame = opened.right.frameInfo(0);
  if (frame.x + frame.width > width || frame.y + frame.height > height) {
    return refuse(name, "GIF frame lies outside its canvas", RETRY);
  }
  const data = new Uint8Array(width * height * 4);
  const drawn = attempt(damaged, () => opened.right.decodeAndBlitFrameRGBA(0, data as never));
  if (E.isLeft(drawn)) return drawn;
  const frames = opened.right.numFrames();
  const warnings = frames === 1 ? [] : [`${name}: GIF with ${frames} frames, only the first is used`];
  return E.right({ image: overWhite({ width, height, data }), orientation: 1, warnings });
}
