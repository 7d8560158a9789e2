import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const files = execFileSync('git', ['ls-files', 'lib', 'lambdas', 'bin', 'README.md', 'SECURITY.md', 'CHANGELOG.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|mjs|py|md)$/.test(file));

/** Words of an older dialect: each has a standard term (README, lib/DESIGN.md). As a part of a name they are banned, too. */
const banned = [
  /settlers?\b/i,
  /\bnudge[sd]?\b/i,
  /(?<![a-z])pulses?\b/i,
  /(?<![a-z])told(?![a-z])/i,
  /\bletters?\b(?!,? digits)/i,
  /leftovers/i,
  /\b(is|are) none\b/i,
  /\bwhoever\b/i,
];
/** What a gate judges is a check. The document has lines, and so have files, logs and the command line. Comments say it as they need. */
const judged = '(?:observed|waived|dropped|missing|attested|judged|required|proved)';
const checksAsLines = [
  new RegExp(`\\blines? (?:(?:is|are|was|were|be|may be|must be) )?${judged}\\b`, 'i'),
  new RegExp(`\\b${judged} lines?\\b`, 'i'),
  /\b(?:drop|waive|attest|observe|judge|prove)s? (?:an?|the|each|every|such|this|these|those) lines?\b(?! of the document)/i,
  /\b(?:filter|compare) the lines\b/i,
];

/** The same spelling with another meaning. */
const meant = [/letter-spacing/g, /dead-letter|Dead-letter|two letters|capital letter|first letter|lower-case letters|a letter\b/g];

describe('words', () => {
  test.each(files)('%s calls a check a check', (file) => {
    const isComment = (line: string): boolean => /^\s*(?:\/\/|\*|\/\*\*)/.test(line);
    const found = readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, place) =>
        isComment(line) ? [] : checksAsLines.filter((word) => word.test(line)).map((word) => `line ${place + 1}: ${word.source}`),
      );
    expect(found).toEqual([]);
  });

  test.each(files)('%s uses the standard terms', (file) => {
    const text = meant.reduce((rest, pattern) => rest.replace(pattern, ''), readFileSync(join(root, file), 'utf8'));
    const found = text
      .split('\n')
      .flatMap((line, place) => banned.filter((word) => word.test(line)).map((word) => `line ${place + 1}: ${word.source}`));
    expect(found).toEqual([]);
  });
});
