import { expect, test } from 'vitest';
import { type AuditEvent, authoritiesOf, eventTypes, type Stored, takesSourceAddress } from '../../lib/audit/event.ts';
import { readSourceAddress } from '../../lib/query/words.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { proposeProfile } from '../../lib/run/commands/propose-profile.ts';
import { rescheduleRun } from '../../lib/run/commands/reschedule-run.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { anew } from '../given.ts';
import * as given from '../pages/page-scenarios.ts';
import { profileFile } from '../profile-given.ts';

/** Where a person acted from is recorded with every act, and not with what others record. */
const address = '203.0.113.77';

test('every event for which the people function vouches can say it', () => {
  const peoples = eventTypes.filter((type) => authoritiesOf({ type, data: { by: 'p-1' } } as unknown as AuditEvent).join() === 'people');
  expect(peoples.length).toBeGreaterThan(20);
  expect(peoples.filter((type) => !takesSourceAddress(type))).toEqual([]);
  const others = eventTypes.filter((type) => takesSourceAddress(type) && !peoples.includes(type)).sort();
  expect(others).toEqual(['evidence.recorded', 'observation.recorded', 'rollback.step-done', 'rollback.step-failed']);
});

test('attestations, waivers, declarations, observations and moves of T0 hold the digest of the address, which can be erased', async () => {
  const story = await given.inSecond();
  const { deps, run } = story;
  const known = new Set((await deps.trail.read(`run/${run}`, { prefix: '' })).map(({ event }) => event.id));
  const from = (person: string) => ({ ...given.callerOf(story, person), address });
  const until = new Date(deps.clock.now().getTime() + 3_600_000).toISOString();
  const about = () => ({ run, request: anew() });
  const done = [
    await attest(deps, { ...about(), check: 'monitoring-configured', statement: 'I have looked at it today.' }, from(given.operations)),
    await waive(
      deps,
      { ...about(), check: 'monitoring-configured', reason: 'The dashboard comes next week.', until },
      from(given.operations),
    ),
    await declareNotApplicable(
      deps,
      { ...about(), check: 'migration-scripts-tested', reason: 'This release changes no data.' },
      from(given.technical),
    ),
    await rescheduleRun(
      deps,
      { ...about(), plannedT0: '2026-03-06T11:00:00.000Z', reason: 'The team is ill today.' },
      from(given.operations),
    ),
    await observe(
      deps,
      {
        ...about(),
        observation: 'slow-checkout',
        kind: 'other',
        bad: true,
        subject: 'checkout',
        summary: 'It is slow.',
        observedAt: deps.clock.now().toISOString(),
      } as never,
      from(given.operations),
    ),
  ];
  const refused = done.flatMap((one) => (one.refused === undefined ? [] : [one.refused.detail]));
  const stored = (await deps.trail.read(`run/${run}`, { prefix: '' })).filter(({ event }) => !known.has(event.id));
  const acts = stored.filter(({ event }) => event.actor.kind === 'person' && event.type !== 'request.refused');
  expect([refused, acts.length]).toEqual([[], done.length]);
  for (const one of acts) expect(await readSourceAddress(deps, one), one.event.type).toMatchObject({ text: address });
  // What is judged because of it is no act of the person.
  for (const { event } of stored.filter((one) => !acts.includes(one))) expect(event.data, event.type).not.toHaveProperty('sourceAddress');
  expect(JSON.stringify(stored)).not.toContain(address);
  const [first] = acts as [Stored<'evidence.recorded'>];
  deps.controls.people.erase(first.event.data.sourceAddress ?? '', '2026-03-09T08:00:00.000Z');
  expect(await readSourceAddress(deps, first)).toMatchObject({ text: null });
});

test("so does the proposal of a profile, whose words are the service's", async () => {
  const story = await given.begin();
  const { deps } = story;
  const caller = { ...given.callerOf(story, given.starter), address };
  const done = await proposeProfile(deps, { service: 'shop', bytes: profileFile(['cart']), dryRun: false }, caller);
  expect(done.refused).toBeUndefined();
  const [event] = await deps.trail.read('service/shop', { lane: 'profile' });
  expect(await readSourceAddress(deps, event ?? expect.fail('no event'))).toMatchObject({ text: address });
});

test('without an address nothing is recorded of it', async () => {
  const story = await given.inSecond();
  const about = { run: story.run, request: anew(), check: 'monitoring-configured', statement: 'I have looked at it today.' };
  await attest(story.deps, about, given.callerOf(story, given.operations));
  const [event] = await story.deps.trail.read(`run/${story.run}`, { lane: 'evidence/attestation/monitoring-configured' });
  expect(event?.event.data).not.toHaveProperty('sourceAddress');
});
