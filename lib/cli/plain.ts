/**
 * Text from elsewhere as one line of a terminal: a report, a reason or a version may hold whatever its author put there, and what steers
 * a terminal or turns the direction of writing is none of it.
 */
export const plain = (text: string): string => text.replace(/ *[\p{Cc}\p{Cf}]+ */gu, ' ');

/** What paints; it takes no room. */
const paints = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g');
const widthOf = (text: string): number => [...text.replace(paints, '')].length;

/** The line broken at spaces, so that a terminal need not break words; what follows the break begins under `hang` spaces. */
export const fitted = (line: string, columns: number | undefined, hang: number): string => {
  if (columns === undefined || widthOf(line) <= columns) return line;
  let broken = '';
  let width = 0;
  for (const [, spaces = '', word = ''] of line.matchAll(/( *)([^ ]+)/g)) {
    const fits = width === 0 || width + spaces.length + widthOf(word) <= columns;
    broken += fits ? spaces + word : `\n${' '.repeat(hang)}${word}`;
    width = (fits ? width + spaces.length : hang) + widthOf(word);
  }
  return broken;
};
