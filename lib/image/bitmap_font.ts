/**
 * A font of 5 × 7 dots for captions under pictures: printable ASCII, drawn without any library.
 *
 * @module
 */

/** Dots from one glyph's left edge to the next one's. */
export const GLYPH_ADVANCE = 6;
/** Dots from one line's top to the next one's. */
export const LINE_ADVANCE = 9;

const ROWS = 7;
const COLUMNS = 5;

/** Seven rows from the top, two hexadecimal digits each; bit 4 is the leftmost dot. From space to tilde. */
const GLYPHS: readonly string[] = [
  ...[
    "00000000000000",
    "04040404040004",
    "0a0a0000000000",
    "0a0a1f0a1f0a0a",
    "040f140e051e04",
    "18190204081303",
  ],
  ...[
    "0c12140815120d",
    "04040000000000",
    "02040808080402",
    "08040202020408",
    "00150e1f0e1500",
    "0004041f040400",
  ],
  ...["00000000040408", "0000001f000000", "00000000000606", "00010204081000"],
  ...[
    "0e11131519110e",
    "040c040404040e",
    "0e11010204081f",
    "1f02040201110e",
    "02060a121f0202",
    "1f101e0101110e",
  ],
  ...["0608101e11110e", "1f010204080808", "0e11110e11110e", "0e11110f01020c"],
  ...[
    "00060600060600",
    "00060600040408",
    "02040810080402",
    "00001f001f0000",
    "08040201020408",
    "0e110102040004",
  ],
  ...["0e11010d15150e"],
  ...[
    "0e11111f111111",
    "1e11111e11111e",
    "0e11101010110e",
    "1c12111111121c",
    "1f10101e10101f",
    "1f10101e101010",
  ],
  ...[
    "0e11101711110f",
    "1111111f111111",
    "0e04040404040e",
    "0702020202120c",
    "11121418141211",
    "1010101010101f",
  ],
  ...[
    "111b1515111111",
    "11111915131111",
    "0e11111111110e",
    "1e11111e101010",
    "0e11111115120d",
    "1e11111e141211",
  ],
  ...[
    "0f10100e01011e",
    "1f040404040404",
    "1111111111110e",
    "11111111110a04",
    "1111111515150a",
    "11110a040a1111",
  ],
  ...["1111110a040404", "1f01020408101f"],
  ...[
    "0e08080808080e",
    "00100804020100",
    "0e02020202020e",
    "040a1100000000",
    "0000000000001f",
    "08040200000000",
  ],
  ...["00000e010f110f", "1010161911111e", "00000e1010110e", "01010d1311110f", "00000e111f100e"],
  ...[
    "0609081c080808",
    "000f11110f010e",
    "10101619111111",
    "04000c0404040e",
    "0200060202120c",
    "10101214181412",
  ],
  ...[
    "0c04040404040e",
    "00001a15151111",
    "00001619111111",
    "00000e1111110e",
    "00001e111e1010",
    "00000d130f0101",
  ],
  ...[
    "00001619101010",
    "00000e100e011e",
    "08081c08080906",
    "0000111111130d",
    "00001111110a04",
    "0000111115150a",
  ],
  ...["0000110a040a11", "000011110f010e", "00001f0204081f"],
  ...["02040408040402", "04040404040404", "08040402040408", "00000815020000"],
];

/** An open box for everything beyond ASCII. */
const UNKNOWN = "1f11111111111f";

/** A place where captions are drawn: one byte per channel, rows from the top. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Tells whether a glyph has a dot.
 *
 * @param character One character.
 * @param column 0…4 from the left.
 * @param row 0…6 from the top.
 * @returns The answer; characters beyond ASCII show as a box.
 */
export function hasDot(character: string, column: number, row: number): boolean {
  const glyph = GLYPHS[(character.codePointAt(0) ?? 0) - 32] ?? UNKNOWN;
  return ((Number.parseInt(glyph.slice(row * 2, row * 2 + 2), 16) >> (COLUMNS - 1 - column)) & 1) === 1;
}

/**
 * Draws a line of text; what does not fit is cut off.
 *
 * @param canvas Changed in place.
 * @param text One line.
 * @param at.x Left edge in pixels.
 * @param at.y Top edge in pixels.
 * @param at.grey Brightness of the dots, 0…255.
 */
export function drawText(
  canvas: Canvas,
  text: string,
  at: { readonly x: number; readonly y: number; readonly grey: number },
): void {
  [...text].forEach((character, index) => {
    for (let row = 0; row < ROWS; row++) {
      for (let column = 0; column < COLUMNS; column++) {
        const x = at.x + index * GLYPH_ADVANCE + column;
        const y = at.y + row;
        if (x >= canvas.width || y >= canvas.height || !hasDot(character, column, row)) continue;
        canvas.data.fill(at.grey, (y * canvas.width + x) * 3, (y * canvas.width + x) * 3 + 3);
      }
    }
  });
}

/**
 * Breaks a text into lines at spaces; a longer word is cut.
 *
 * @param text Any text.
 * @param columns Characters per line, ≥ 1.
 * @param rows How many lines at most; the last ends in `..` if there was more.
 */
export function wrapText(text: string, columns: number, rows: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    const pieces = word.match(new RegExp(`.{1,${columns}}`, "gu")) ?? [];
    for (const piece of pieces) {
      const last = lines[lines.length - 1];
      if (last !== undefined && last.length + 1 + piece.length <= columns) {
        lines[lines.length - 1] = `${last} ${piece}`;
      } else lines.push(piece);
    }
  }
  if (lines.length <= rows) return lines;
  const end = `${(lines[rows - 1] ?? "").slice(0, Math.max(0, columns - 2))}..`;
  return [...lines.slice(0, rows - 1), end];
}
