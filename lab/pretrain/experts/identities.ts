/**
 * Characters that are hard to tell apart, and how much they have in common.
 *
 * @module
 */
import { choose, fold, type Key, shuffle } from "../../../lib/core/key.ts";
import { tf } from "../../../lib/tensor/tf.ts";
import { similarCharacters } from "../../../lib/world/concept.ts";
import { type Character, characterId, isPerson } from "../../../lib/world/scene.ts";

/** Similarity of two different characters that share all but one attribute, and of those that share none. */
const MOST_ALIKE = 0.6;

/**
 * Draws different characters, half of them beside one that differs in a single attribute.
 *
 * @param count How many.
 * @param among Whom to draw from; at least `count`.
 * @returns The characters, no one twice.
 */
export function contrastingCharacters(
  key: Key,
  count: number,
  among: readonly Character[],
): readonly Character[] {
  const allowed = new Map(among.map((character) => [characterId(character), character]));
  const chosen = new Map<string, Character>();
  shuffle(fold(key, "order"), among).forEach((character, index) => {
    const near = similarCharacters(character).filter((other) => allowed.has(characterId(other)));
    const pair = near.length === 0 ? [character] : [character, choose(fold(fold(key, "near"), index), near)];
    for (const each of pair) if (chosen.size < count) chosen.set(characterId(each), each);
  });
  return [...chosen.values()];
}

const shared = (one: readonly string[], other: readonly string[]): number =>
  one.filter((part, index) => part === other[index]).length / one.length;

/**
 * Says how similar two characters should look: 1 if they are the same, else 0.6 × the share of attributes in common.
 *
 * @param other Another.
 * @returns In [0, 1]; a person and a creature share at most their colour.
 */
export function identitySimilarity(one: Character, other: Character): number {
  if (characterId(one) === characterId(other)) return 1;
  if (isPerson(one) !== isPerson(other)) return one.colour === other.colour ? MOST_ALIKE / 4 : 0;
  return MOST_ALIKE * shared(characterId(one).split("-"), characterId(other).split("-"));
}

/**
 * Says how similar two faces should look; the colour of the clothes does not count.
 *
 * @param other Another.
 * @returns 1 if kind, hair and skin agree, else 0.6 × the share that does.
 */
export function faceSimilarity(one: Character, other: Character): number {
  const share = shared(faceOf(one).split("-"), faceOf(other).split("-"));
  return share === 1 ? 1 : MOST_ALIKE * share;
}

/**
 * Names what can be told from a face, e.g. `man-brown-light`.
 *
 * @param character A person; a creature's face is its kind, colour and pattern.
 * @returns Equal names for equal faces.
 */
export function faceOf(character: Character): string {
  return isPerson(character)
    ? `${character.kind}-${character.hair}-${character.skin}`
    : characterId(character);
}

/**
 * Compares all characters with each other.
 *
 * @param similarity Of two of them.
 * @returns `[B, B]`.
 */
export function similarityTensor(
  characters: readonly Character[],
  similarity: (one: Character, other: Character) => number,
): tf.Tensor {
  const values = characters.flatMap((one) => characters.map((other) => similarity(one, other)));
  return tf.tensor2d(values, [characters.length, characters.length]);
}
