/**
 * Makes text of others safe for one line of a terminal. A report, a reason or a version may contain control characters, which steer
 * the terminal, or format characters, which change the direction of writing.
 */
export const plain = (text: string): string => text.replace(/ *[\p{Cc}\p{Cf}]+ */gu, ' ');

/** Colour codes: they take no width. */
const paints = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g');
const widthOf = (text: string): number => [...text.replace(paints, '')].length;

/** Breaks a line at spaces to fit the terminal. `hang`: spaces before each further line. */
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
