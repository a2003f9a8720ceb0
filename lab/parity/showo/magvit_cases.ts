/**
 * The image tokenizer against its reference: encoder, codes, decoder, bits.
 *
 * @module
 */
import { codesOf, decodeStages, encodeStages, signsOf } from "../../../lib/showo/magvit.ts";
import type { Magvit } from "../../../lib/showo/magvit_folder.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { type Check, compare, compareExactly } from "../check.ts";
import { inScope } from "../procedure.ts";
import type { CaseOf } from "./showo_case_codecs.ts";
import type { ShowoFixture } from "./showo_fixture.ts";

const TOLERANCE = 1e-4;

const nchw = (x: tf.Tensor): ArrayLike<number> => tf.transpose(x, [0, 3, 1, 2]).dataSync();
const levels = (pictures: tf.Tensor): ArrayLike<number> =>
  tf.floor(tf.mul(tf.clipByValue(tf.div(tf.add(pictures, 1), 2), 0, 1), 255)).dataSync();

/** Compares the encoder stage by stage, and the codes. */
export function magvitEncoderChecks({ cases, arrays }: ShowoFixture, magvit: Magvit): readonly Check[] {
  return (cases.magvit ?? []).flatMap((one) =>
    inScope(() => {
      const shared = { name: `magvit ${one.name}`, tolerance: TOLERANCE };
      const pixels = tf.transpose(arrays.tensor(one.image), [0, 2, 3, 1]);
      const { midAttention, mid, z } = encodeStages(magvit.weights.encoder, pixels, magvit.config);
      const codes = compareExactly(codesOf(z).dataSync(), one.codes.flat(), {
        name: shared.name,
        quantity: "codes",
      });
      const stages = { encoder_mid_attn: midAttention, encoder_mid: mid, encoder_output: z };
      return [
        ...Object.entries(stages).map(([quantity, found]) =>
          compare(nchw(found), arrays.numbers(one[quantity as keyof typeof stages]), { ...shared, quantity })
        ),
        codes,
      ];
    })
  );
}

type Decoding = CaseOf<"magvit_decode_only">;
type RoundTrip = CaseOf<"magvit">;

const isRoundTrip = (one: Decoding | RoundTrip): one is RoundTrip => "quantized" in one;

/** Compares the decoder, from codes to 8-bit pictures. */
export function magvitDecoderChecks({ cases, arrays }: ShowoFixture, magvit: Magvit): readonly Check[] {
  return [...cases.magvit ?? [], ...cases.magvit_decode_only ?? []].flatMap((one: Decoding | RoundTrip) =>
    inScope(() => {
      const name = `magvit ${one.name}`;
      const shared = { name, tolerance: TOLERANCE };
      const codes = tf.tensor2d(one.codes, undefined, "int32");
      const signs = signsOf(codes, { bits: magvit.config.codeBits, grid: one.grid });
      const { mid, pictures } = decodeStages(magvit.weights.decoder, signs, magvit.config);
      const uint8 = { name, quantity: "decoded_uint8", tolerance: 1 };
      const checks = [
        compare(nchw(pictures), arrays.numbers(one.decoded), { ...shared, quantity: "decoded" }),
        compare(levels(pictures), arrays.numbers(one.decoded_uint8), uint8),
      ];
      if (!isRoundTrip(one)) return checks;
      return [
        compareExactly(nchw(signs), arrays.numbers(one.quantized), { name, quantity: "quantized" }),
        compare(nchw(mid), arrays.numbers(one.decoder_mid), { ...shared, quantity: "decoder_mid" }),
        ...checks,
      ];
    })
  );
}

/** Compares bits of codes and codes of bits, zeros of either sign included. */
export function lfqChecks({ cases }: ShowoFixture): readonly Check[] {
  return (cases.lfq ?? []).flatMap(({ bits, codes, signs, encode_z, encode_codes }) =>
    inScope(() => {
      const name = `magvit ${bits} bits`;
      const found = signsOf(tf.tensor2d([codes], undefined, "int32"), { bits, grid: [1, codes.length] });
      const expected = signs.flatMap((row) => [...row].map((sign) => sign === "+" ? 1 : -1));
      const z = tf.transpose(tf.tensor4d(encode_z), [0, 2, 3, 1]);
      return [
        compareExactly(found.dataSync(), expected, { name, quantity: "signs of codes" }),
        compareExactly(codesOf(z).dataSync(), encode_codes.flat(), { name, quantity: "codes of numbers" }),
      ];
    })
  );
}
