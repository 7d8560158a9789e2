/** Control characters steer a terminal, format characters change the direction of writing, separators end a line. */
const steering = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp} ]+/gu;
/** Logging commands that runners obey anywhere in a line: `##[` (GitHub), `##vso[` (Azure DevOps), `##teamcity[`. */
const bracketed = /##(?=[\w.-]{0,40}\[)/g;
/** GitHub's and Forgejo's `::command::` counts at the start of a line; after any space, because a line may be broken there. */
const colons = /(?<=^|\s)::/g;

/**
 * Makes text of others safe for one line of a terminal and of a CI log. A report, a reason, a version or a server's answer may contain
 * characters that steer the terminal, or a logging command that the runner would obey.
 */
export const plain = (text: string): string =>
  text
    .replace(steering, (found) => (/^ +$/.test(found) ? found : ' '))
    .replace(bracketed, '# #')
    .replace(colons, ': :');

/** The same value with every text in it made plain. */
export const plainIn = <T>(value: T): T => mapped(value) as T;

const mapped = (value: unknown): unknown => {
  if (typeof value === 'string') return plain(value);
  if (Array.isArray(value)) return value.map(mapped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, mapped(one)]));
};

/** A JSON document for stdout. What `plain` changes is escaped here, so a program reads the very text of the server. */
export const jsonText = (value: unknown): string =>
  `${JSON.stringify(value, null, 2).replace(/(?<=#)#|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) => (sign === '\n' ? sign : escaped(sign)))}\n`;

/** A JSON document on one line of its own. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value).replace(/(?<=#)#|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`;

const escaped = (sign: string): string =>
  Array.from({ length: sign.length }, (_, place) => `\\u${sign.charCodeAt(place).toString(16).padStart(4, '0')}`).join('');

/** Colour codes: they take no width. */
const paints = new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g');
const widthOf = (text: string): number => [...text.replace(paints, '')].length;

/** Breaks a line at spaces to fit the terminal. `hang`: spaces before each further line. */
export const fitted = (line: string, columns: number | undefined, hang: number): string => {
  if (columns === undefined || widthOf(line) <= columns) return line;
  let broken = '';
  let width = 0;
  // Sticky, because a search for the next word would take quadratic time in spaces.
  for (const [, spaces = '', word = ''] of line.matchAll(/( *)([^ ]+)/gy)) {
    const fits = width === 0 || width + spaces.length + widthOf(word) <= columns;
    broken += fits ? spaces + word : `\n${' '.repeat(hang)}${word}`;
    width = (fits ? width + spaces.length : hang) + widthOf(word);
  }
  return broken;
};
