import { beforeEach, describe, expect, test } from 'vitest';
import { feed } from '../../lambdas/event-feed.ts';
import { isType } from '../../lib/audit/event.ts';
import { readRun } from '../../lib/query/run-view.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, dependenciesOf, gate, givenOpen, givenRun } from '../given.ts';
import { stageOf } from './requests.ts';

let deps: FakeDependencies;
let run: string;
const stage = stageOf();
const fed = (event: unknown) => feed({ deps, stage }, event);
const recorded = async () =>
  (await deps.trail.read(`run/${run}`, { lane: 'notice' })).filter(isType('mail.undelivered')).map(({ event }) => event.data);
const noticeOf = async () => {
  const view = await readRun(deps, run);
  return view.ok?.gates[0]?.checks.find(({ check: id }) => id === 'notice');
};

/** A run whose gate waits for an attestation, too, so that it stays open after the notice was sent. */
beforeEach(async () => {
  const rule = { kind: 'notice-sent/1', notice: 'deployment-announced' } as const;
  const attested = { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } as const;
  deps = dependenciesOf(
    checklistOf(
      [gate('phase-1'), gate('phase-2')],
      [check('notice', 'phase-1', { rule }), check('seen', 'phase-1', { rule: attested }), check('b', 'phase-2')],
    ),
  );
  run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  await reconcile();
});

const reconcile = async (): Promise<void> => {
  for (const request of deps.controls.reconciler.requests.splice(0)) await reconcileGate(deps, request);
};

const announced = () => {
  const [mail] = deps.controls.mailer.mails;
  if (mail === undefined) throw new Error('no mail was sent');
  return mail;
};

/** An event as SES publishes it, about the first mail of the run. */
const sesEvent = (eventType: string, about: object = {}, tags: object = {}) => ({
  version: '0',
  id: '12345678-1234-1234-1234-123456789012',
  'detail-type': `Email ${eventType}`,
  source: 'aws.ses',
  account: '111122223333',
  time: '2026-03-02T08:01:00Z',
  region: 'eu-central-1',
  resources: ['arn:aws:ses:eu-central-1:111122223333:configuration-set/holdpoint-test'],
  detail: {
    eventType,
    mail: {
      timestamp: '2026-03-02T08:00:40.000Z',
      messageId: announced().message,
      destination: [announced().to.address],
      tags: {
        'ses:configuration-set': ['holdpoint-test'],
        run: [announced().about?.run],
        notification: [announced().about?.notification],
        person: [announced().about?.person],
        ...tags,
      },
    },
    ...about,
  },
});
const bounce = (bounceType: string, bounceSubType = 'General') =>
  sesEvent('Bounce', { bounce: { bounceType, bounceSubType, bouncedRecipients: [{ emailAddress: announced().to.address }] } });

describe('a mail that SES could not deliver', () => {
  test('was passed before', async () => {
    expect((await noticeOf())?.verdict).toBe('pass');
  });

  test.each([
    ['the mail server refused it', () => bounce('Permanent'), 'bounced', 'fail'],
    ['SES does not know why', () => bounce('Undetermined'), 'bounced', 'fail'],
    ['SES gave up repeating it, or an automatic answer came', () => bounce('Transient'), 'delayed', 'fail'],
    ['the address bounced before, for this account', () => bounce('Permanent', 'OnAccountSuppressionList'), 'suppressed', 'fail'],
    ['the address bounced before, for many', () => bounce('Permanent', 'Suppressed'), 'suppressed', 'fail'],
    ['SES found a virus in it', () => sesEvent('Reject', { reject: { reason: 'Bad content' } }), 'rejected', 'fail'],
    [
      'the address complained before',
      () => sesEvent('Complaint', { complaint: { complaintSubType: 'OnAccountSuppressionList' } }),
      'suppressed',
      'fail',
    ],
    ['it arrived and was called spam: the person has been told', () => sesEvent('Complaint', { complaint: {} }), 'complained', 'pass'],
  ])('is recorded on its run by the id of its reader, and the notice counts only for those it reached: %s', async (...row) => {
    const [, event, failure, verdict] = row;
    const person = announced().about?.person;
    expect(await fed(event())).toMatchObject({ recorded: 1, runs: [run] });
    await reconcile();
    expect(await recorded()).toEqual([{ about: 'deployment-announced', person, failure, message: announced().message }]);
    const finding = await noticeOf();
    expect(finding?.verdict).toBe(verdict);
    if (verdict === 'fail') expect(finding?.reason).toContain(`did not reach ${person} (${failure})`);
    expect((await readRun(deps, run)).ok?.undeliveredMails).toMatchObject([{ person, about: 'deployment-announced', failure }]);
    expect(JSON.stringify(await deps.trail.read(`run/${run}`, { prefix: '' }))).not.toContain(announced().to.address);
  });

  test('is recorded once, however often it is delivered', async () => {
    await fed(bounce('Permanent'));
    expect(await fed(bounce('Permanent'))).toMatchObject({ recorded: 0, alreadyRecorded: 1 });
    expect(await recorded()).toHaveLength(1);
  });

  test('does not touch a notice when another mail is meant', async () => {
    await fed(sesEvent('Bounce', { bounce: { bounceType: 'Permanent' } }, { notification: ['approval-requested'] }));
    await reconcile();
    expect((await noticeOf())?.verdict).toBe('pass');
    expect((await readRun(deps, run)).ok?.undeliveredMails).toHaveLength(1);
  });

  test.each([
    ['has no tags of ours', () => sesEvent('Bounce', { bounce: { bounceType: 'Permanent' } }, { run: undefined })],
    ['is of a kind that is not asked for', () => sesEvent('Open', { open: {} })],
    ['names a person as no tag of ours does', () => sesEvent('Reject', {}, { person: ['<b>x</b>'] })],
  ])('is logged and not recorded when the event %s', async (_why, event) => {
    expect(await fed(event())).toEqual({ declined: expect.stringContaining('SES reported a mail') });
    expect(await recorded()).toEqual([]);
  });

  test('of a run that is unknown is not recorded', async () => {
    const event = sesEvent('Bounce', { bounce: { bounceType: 'Permanent' } }, { run: ['20260302-080000-zzzzzzzzzz'] });
    expect(await fed(event)).toMatchObject({ recorded: 0, runs: [] });
  });
});
