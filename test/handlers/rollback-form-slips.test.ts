import { beforeAll, describe, expect, test } from 'vitest';
import { sendAct } from '../../lambdas/api/rollback-sends.ts';
import { followUpForms } from '../../lib/console/follow-up-forms.ts';
import type * as given from '../pages/page-scenarios.ts';
import * as back from '../pages/rollback-scenarios.ts';
import { type Fields, nonceOf } from './form-site.ts';
import { siteOf } from './rollback-site.ts';

const stories: Record<string, given.Story> = {};
beforeAll(async () => {
  const made = [back.undecided(), back.dataAsked(), back.stuck(), back.rolledBack()];
  const [undecided, dataAsked, stuck, rolledBack] = (await Promise.all(made)) as [given.Story, given.Story, given.Story, given.Story];
  Object.assign(stories, { undecided, dataAsked, stuck, rolledBack });
}, 120_000);

const long = 'x'.repeat(2001);
const tooShort = 'Write 10 characters at least and 2,000 at most.';
const ids = 'Give ids of events of this run, 20 at most';
const unknownEvent = '0123456789abcdef'.repeat(2);

/** Story, act, field, what a person types wrong, and the sentence beside the field. */
const slips: readonly (readonly [string, string, string, Fields, string | RegExp])[] = [
  ['undecided', 'roll-back', 'reason', { reason: 'short' }, tooShort],
  ['undecided', 'continue', 'reason', { reason: long }, tooShort],
  ['undecided', 'declare', 'trigger', { trigger: '' }, 'Choose one of the triggers.'],
  ['undecided', 'declare', 'trigger', { trigger: 'no-such-trigger' }, 'The checklist has no such rollback trigger.'],
  ['undecided', 'declare', 'evidence', { trigger: 'data-corruption-detected', evidence: 'see above' }, ids],
  ['undecided', 'declare', 'evidence', { trigger: 'data-corruption-detected', evidence: unknownEvent }, /event/],
  ['undecided', 'declare', 'shown', { trigger: 'data-corruption-detected' }, /Nothing is named that shows/],
  ['undecided', 'declare', 'shown', { trigger: 'data-corruption-detected', shown: 'yes' }, 'Name what shows it, in 5 to 500 characters'],
  ['dataAsked', 'restore', 'backupAt', { backupAt: 'last <night>' }, 'Give a date and a time in UTC'],
  ['dataAsked', 'restore', 'reason', { reason: 'short' }, tooShort],
  ['dataAsked', 'keep', 'reason', { reason: 'short' }, tooShort],
  ['stuck', 'retry', 'reason', { reason: 'short' }, tooShort],
  ['stuck', 'by-hand', 'evidence', { evidence: 'see above' }, ids],
  ['stuck', 'end', 'reason', { reason: 'short' }, tooShort],
  ['rolledBack', 'cause', 'link', { link: 'http://tickets.example/<1>' }, 'Give an address that begins with https://'],
  ['rolledBack', 'cause', 'reason', { reason: 'short' }, tooShort],
];

describe('what is wrong in a form of the page of the rollback stands beside its field, and the text is kept', () => {
  test.each(slips)('%s, %s: %s %j', async (name, act, field, wrong, says) => {
    const site = siteOf(stories[name] ?? expect.fail(name));
    const before = await site.recorded();
    const step: Fields = act === 'retry' || act === 'by-hand' || act === 'end' ? { step: 'revert-version' } : {};
    const fields = { ...step, reason: 'Half of the orders\r\nfail since noon.', ...wrong };
    const reply = await site.send({ act, nonce: nonceOf(await site.open(), act), ...fields });
    expect([reply.status < 500, reply.status >= 400]).toEqual([true, true]);
    const id = `${act}-${field.toLowerCase()}`;
    const slip = new RegExp(`<span class="slip" id="${id}-slip">([^<]*)</span>`).exec(reply.text)?.[1];
    if (typeof says === 'string') expect(slip).toContain(says);
    else expect(slip).toMatch(says);
    expect(reply.text).toMatch(new RegExp(`id="${id}"[^>]* aria-invalid="true" aria-describedby="${id}-slip`));
    expect(reply.text.match(/aria-invalid/g)).toHaveLength(1);
    expect(reply.text).toContain(`<a href="#${id}">Correct it</a>`);
    const escaped = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    expect(reply.text).toContain(`${escaped(fields.reason)}</textarea>`);
    for (const typed of ['evidence', 'backupAt', 'link'] as const)
      if (wrong[typed] !== undefined) expect(reply.text).toContain(`value="${escaped(wrong[typed])}"`);
    // Words for people, and none of the schema.
    expect(reply.text).not.toMatch(/The field |expected string|Invalid|regex/);
    expect(await site.recorded()).toEqual(before);
  });

  test('a line end counts as one character, as the browser counts it', async () => {
    const site = siteOf(await back.undecided());
    const reason = `${'a line\r\n'.repeat(19)}${'x'.repeat(2000 - 19 * 7)}`;
    const reply = await site.send({ act: 'roll-back', nonce: nonceOf(await site.open(), 'roll-back'), reason });
    expect(reply.status).toBe(303);
  }, 30_000);
});

describe('the review of an emergency power', () => {
  const power = { id: 'power-1', title: 'A step was done by hand' };
  const typed = { act: 'review', nonce: 'n', reason: 'I have read the log of the night.', followUp: power.id } as const;
  /** What the schema of the command refuses reaches no command, and so no dependency. */
  const refused = (changes: Fields) =>
    sendAct({} as never, { run: 'run-1', form: { ...typed, ...changes }, request: 'r' }, { kind: 'person', id: 'p-1' } as never);

  test.each([
    ['verdict', {}, 'Say whether its use was justified.'],
    ['verdict', { verdict: 'perhaps' }, 'Say whether its use was justified.'],
    ['reason', { verdict: 'justified', reason: 'short' }, tooShort],
  ] as const)('%s: the sentence stands beside the field, and the text is kept', async (field, changes, says) => {
    const slip = await refused(changes);
    expect([slip?.field, slip?.refusal.detail]).toEqual([field, says]);
    const forms = {
      run: { run: 'run-1' },
      acts: { review: power.id },
      nonce: 'n',
      typed: { ...typed, ...changes },
      slip: { field, says },
      isStarter: false,
      isSigner: true,
    };
    const html = String(await followUpForms(forms as never, [power] as never));
    expect(html).toContain(`<span class="slip" id="review-${field}-slip">${says}</span>`);
    expect(html).toContain(`${forms.typed.reason}</textarea>`);
    expect(html).toContain(`<option value="${power.id}" selected>`);
  });
});
