/** How wide text is in a terminal, and text that is safe to send there. */

const tabWidth = 4;

/** Nothing of it moves the cursor, changes colours or turns the direction of writing. */
export function harmless(text: string): string {
  return Array.from(text, harmlessCharacter).join("");
}

/** As `harmless`, with tabs as spaces to the next stop, from the start of a line. */
export function shownLine(text: string): string {
  let shown = "";
  let column = 0;
  for (const character of text) {
    const piece =
      character === "\t"
        ? " ".repeat(tabWidth - (column % tabWidth))
        : harmlessCharacter(character);
    shown += piece;
    column += widthOf(piece);
  }
  return shown;
}

/** Columns of text that `shownLine` has made. */
export function widthOf(shown: string): number {
  let width = 0;
  for (const character of shown) width += widthOfCharacter(character.codePointAt(0) as number);
  return width;
}

function harmlessCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  // U+2400 to U+241F are pictures of the control characters
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  const isControl = code >= 0x80 && code < 0xa0;
  const isHalf = code >= 0xd800 && code <= 0xdfff;
  // marks, overrides and isolates of direction (Unicode annex 9), line and paragraph separators
  const turns =
    (code >= 0x200b && code <= 0x200f && code !== 0x200d) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0xfeff;
  return isControl || isHalf || turns ? "\uFFFD" : character;
}

// Unicode annex 11, wide and full-width, in the ranges that terminals agree on
const wide: readonly (readonly [first: number, last: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

function widthOfCharacter(code: number): number {
  if (code < 0x300) return 1;
  if (/^[\p{Mn}\p{Me}\u200D]$/u.test(String.fromCodePoint(code))) return 0;
  return wide.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
