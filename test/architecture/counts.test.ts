import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/**
 * A count and its noun come from `counted`, which knows the singular: nobody reads "1 tests". The nouns are those that `counted` is called with
 * anywhere, so that a noun which is counted at one place is not written by hand at another one.
 */
const files = readdirSync('lib', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map(({ parentPath, name }) => `${parentPath}/${name}`)
  // The stage's own text counts only what its constants say, and the shop is an example that imports nothing.
  .filter((path) => !/^lib\/(stack|local)\//.test(path));
const sources = files.map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const nouns = new Set(
  sources.flatMap(({ text }) =>
    [...text.matchAll(/\bcounted\([^']*?, '([a-z][\w -]*)'(?:, '([a-z][\w -]*)')?\)/g)].map(([, one = '', many = `${one}s`]) => many),
  ),
);

/** Numbers that are known to be more than one: limits and constants of the program. */
const isConstant = (expression: string): boolean =>
  /^([a-z]+\.)?(most|max|longest|deepest|least)[A-Z]?\w*( \* \w+)?$|^mostReported\.|^limit$|^\w*(Ms|After) \/ [\d_]+$|^Math\.round\(waitMs \/ [\d_]+\)$|^runsSearched$|^waitScale$|^weeks$|^one$/.test(
    expression,
  );
/** Names, behind which a word such as "runs" is a verb. */
const isName = (expression: string): boolean =>
  /^(\w+\.)?(component|platform|check|quoted|observation)$|^oneLine\(|\? 'is no check'/.test(expression);

test('the nouns that are counted are found', () => {
  expect([...nouns]).toEqual(expect.arrayContaining(['tests', 'checks', 'people', 'points']));
});

test('a noun that is counted somewhere is counted everywhere', () => {
  const byHand = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/\$\{([^{}`]+)\} ((?:[a-z]+ )?[a-z]+)/g)]
      .filter(([, expression = '', words = '']) => {
        const [first = '', second = ''] = words.split(' ');
        return (nouns.has(first) || nouns.has(words) || nouns.has(second)) && !isConstant(expression) && !isName(expression);
      })
      .map(([found]) => `${path}: ${found}`),
  );
  expect(byHand).toEqual([]);
});
