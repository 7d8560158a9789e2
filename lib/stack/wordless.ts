import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { recordLimits } from '../evidence/record-limits.ts';

/**
 * Leaves out of a function what its rules and parsers say to people and the function does not show: descriptions of rules, the words of their
 * parameters, the words and accounts of reports, which the command line shows, and the words for facts, which stand written where a page shows
 * them. They stand where a kind is defined, so that nobody forgets them, and would be a thirtieth of the bundle of each function that judges.
 */
export const wordless: Plugin = {
  name: 'wordless',
  setup: ({ onLoad }) => {
    // What is judged of a record needs no description of its kind and no names of its limits.
    onLoad({ filter: /[\\/]lib[\\/]evidence[\\/]record-limits\.ts$/ }, () => ({
      contents: `export const recordLimits = ${JSON.stringify(recordLimits, (key, value: unknown) => (['description', 'name'].includes(key) ? undefined : value))};`,
    }));
    onLoad({ filter: /[\\/]lib[\\/](rules|evidence)[\\/].*\.ts$/ }, ({ path }) => ({
      contents: withoutWords(
        readFileSync(path, 'utf8').replaceAll(/\s*\.describe\('[^'\n]*'\)/g, ''),
        /[\\/]rules[\\/]/.test(path) ? ['description', 'words'] : ['fieldWords', 'sample', 'account'],
      ),
      loader: 'ts',
    }));
  },
};

/** A module without these members of the kind that it defines, as our formatter writes them: up to the next line that is indented as they are. */
export const withoutWords = (source: string, members: readonly string[]): string =>
  source.replace(new RegExp(`^( {2,4})(?:${members.join('|')})(?:: |:\\n)[\\s\\S]*?,\\n(?=\\1[\\w/.]|(?!\\1) *\\})`, 'gm'), '');
