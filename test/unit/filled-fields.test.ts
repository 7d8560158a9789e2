import { expect, test } from 'vitest';
import { checkFormSchema } from '../../lib/api/check-pages.ts';
import { operatingFormSchema } from '../../lib/api/operating-pages.ts';
import { reviewFormSchema } from '../../lib/api/review-pages.ts';
import { rollbackFormSchema } from '../../lib/api/rollback-pages.ts';
import { checkFields, operatingFields, reviewFields, rollbackFields } from '../../lib/console/filled-fields.ts';
import { keptNote, wrote } from '../../lib/console/kept-text.ts';

/** Fields that nobody fills in: what the form is about, and a file, which a browser keeps for no form. */
const hidden = ['act', 'nonce', 'step', 'observation', 'file'];

const filled = (shape: object): Record<string, string> =>
  Object.fromEntries(
    Object.keys(shape)
      .filter((name) => !hidden.includes(name))
      .map((name) => [name, `text of ${name}`]),
  );

const forms: readonly [string, object, (typed: never) => ReturnType<typeof checkFields>][] = [
  [
    'the rollback',
    rollbackFormSchema.shape,
    (typed) => rollbackFields({ rollbackTriggers: [{ id: 'text of trigger', title: 'Errors' }], followUps: [] } as never, typed),
  ],
  ['operating', operatingFormSchema.omit({ when: true }).shape, operatingFields],
  ['a check', checkFormSchema.shape, checkFields],
  ['the reviews', reviewFormSchema.shape, reviewFields],
];

test.each(forms)('everything that was typed into a form of %s comes back, each with a label of its own', (_name, shape, fieldsOf) => {
  const typed = filled(shape);
  const fields = fieldsOf(typed as never);
  expect(fields.map(([, text]) => text).toSorted()).toEqual(
    Object.values(typed)
      .map((text) => (text === 'text of trigger' && 'decide' in typed ? 'Errors' : text))
      .toSorted(),
  );
  expect(new Set(fields.map(([label]) => label)).size).toBe(fields.length);
});

test('a choice comes back in its words, and a zone says nothing without a time', () => {
  expect(operatingFields({ reason: 'r', when: 'when-released', t0: '', zone: 'UTC' }).filter(([, text]) => text)).toEqual([
    ['Reason', 'r'],
    ['New T0', 'as soon as every gate before it has passed'],
  ]);
  expect(reviewFields({ label: 'false', bad: 'yes', kind: 'user-report' }).map(([, text]) => text)).toEqual(
    expect.arrayContaining(['Something was wrong', 'user report']),
  );
});

test('empty fields are left out, and what was typed is escaped', () => {
  const said = String(
    wrote([
      ['Reason', '<b>'],
      ['Address of the fix', 'https://x.example/1'],
      ['Trigger', undefined],
      ['Note', ' '],
    ]),
  );
  expect(said).toContain('<dt>Reason</dt><dd class="said">“<bdi>&lt;b&gt;</bdi>”</dd><dt>Address of the fix</dt>');
  expect(said).not.toMatch(/Trigger|Note/);
  expect(wrote([['Note', ' ']])).toBe('');
  expect(keptNote([['Note', '']], null)).toBe('');
  expect(String(keptNote([['Note', '']], 'answer'))).toContain('href="#answer"');
});
