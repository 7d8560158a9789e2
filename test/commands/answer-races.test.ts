import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { Conflict } from '../../lib/outcome.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { decideIncident } from '../../lib/run/commands/decide-incident.ts';
import { labelObservation } from '../../lib/run/commands/label-observation.ts';
import { observe } from '../../lib/run/commands/observe.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { PersonCaller } from '../../lib/run/state/caller.ts';
import type { FakeDependencies } from '../fakes.ts';
import { anew, check, checklistOf, ci, dependenciesOf, gate, givenOpen, givenRun, junitReport, reportOfRun } from '../given.ts';
import { explore, type Scenario } from './schedule-explorer.ts';

const asks = ['technical-lead', 'product-owner'] as const;
const checklist = checklistOf(
  [
    gate('phase-1'),
    gate('go-no-go', {
      role: 'approval',
      asks: [...asks],
      reports: ['phase-1'],
      onRejected: 'rejected',
      rejudges: false,
      onDeadline: 'expired',
    }),
    gate('phase-2'),
  ],
  [
    check('unit', 'phase-1'),
    ...asks.map((role) => check(`go-${role}`, 'go-no-go', { kind: 'sign-off', waivable: false, rule: { kind: 'signed/1', role } })),
    check('later', 'phase-2'),
  ],
);
const both = { id: 'p-both00001', name: 'Bo Both', address: 'bo@example.com', roles: [...asks] };
const owner = { id: 'p-owner0001', name: 'Oda Owner', address: 'oda@example.com', roles: ['product-owner' as const] };
const callerOf = (deps: FakeDependencies, { id, roles }: typeof both | typeof owner): PersonCaller => ({
  kind: 'person',
  id,
  roles,
  signedInAt: deps.clock.now(),
});

/** A run at go / no-go. One person is asked in both roles, another in the second one only. */
const asked = async () => {
  const deps = dependenciesOf(checklist, { tickMs: 0, people: [both, owner] });
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
  await reconcileGate(deps, { run });
  deps.controls.clock.advance(1000);
  await givenOpen(deps, run, 'go-no-go');
  await reconcileGate(deps, { run });
  const links = deps.controls.mailer.mails.map((mail) => {
    const { url, role } = JSON.parse(mail.text) as { url: string; role: string };
    return { to: mail.to.name, role, link: url.split('/').at(-1) ?? '' };
  });
  const linkOf = (name: string, role: string): string => links.find((one) => one.to === name && one.role === role)?.link ?? '';
  return { deps, run, linkOf };
};

const answers = async (
  deps: FakeDependencies,
  person: typeof both | typeof owner,
  link: string,
  answer: 'approved' | 'rejected' = 'approved',
) => {
  const caller = callerOf(deps, person);
  const page = await showApproval(deps, { link }, caller);
  if (page.refused) throw new Error(page.refused.detail);
  return answerApproval(deps, { link, answer, confirmation: page.ok.code, report: page.ok.report, note: 'Seen.' }, caller);
};

describe('in every order', () => {
  test('of two forms that one person sends for two roles one counts, the person learns which, and another person can answer the other', async () => {
    const setUp = async (): Promise<Scenario> => {
      const { deps, run, linkOf } = await asked();
      const types = new Map<string, string>();
      const sends = (role: string) => async (own: FakeDependencies) => {
        const sent = await answers(own, both, linkOf(both.name, role));
        types.set(role, sent.refused?.type ?? 'recorded');
      };
      return {
        deps,
        lanes: ['approval'],
        processes: { first: sends('technical-lead'), second: sends('product-owner') },
        check: async () => {
          expect([...types.values()].sort()).toEqual(['approval-second-role', 'recorded']);
          await reconcileGate(deps, { run });
          expect(deps.controls.workflow.answers).toHaveLength(1);
          if (types.get('technical-lead') !== 'recorded') return;
          expect((await answers(deps, owner, linkOf(owner.name, 'product-owner'))).ok?.state).toBe('answered');
          expect((await reconcileGate(deps, { run })).did).toBe('delivered');
        },
      };
    };
    const { orders } = await explore(setUp);
    expect(orders).toBeGreaterThan(3);
  }, 60_000);

  test('of two people who answer for one role at once one counts, and the other learns who decided, what and when', async () => {
    const setUp = async (): Promise<Scenario> => {
      const { deps, run, linkOf } = await asked();
      const all = new Map<string, Awaited<ReturnType<typeof answers>>>();
      const sends = (person: typeof both | typeof owner) => async (own: FakeDependencies) => {
        all.set(person.id, await answers(own, person, linkOf(person.name, 'product-owner')));
      };
      return {
        deps,
        lanes: ['approval'],
        processes: { first: sends(both), second: sends(owner) },
        check: async () => {
          const [winner] = [...all].find(([, sent]) => sent.refused === undefined) ?? expect.fail('nobody won');
          const lost = [...all.values()].flatMap(({ refused }) => refused ?? []);
          const lane = (await deps.trail.read(`run/${run}`, { lane: 'approval/go-no-go' })).filter(isType('approval.answered'));
          const { at } = lane.find(({ event }) => event.data.person === winner)?.event ?? expect.fail('no answer');
          expect(lost).toMatchObject([
            { type: 'approval-answered', detail: `The request for product-owner is answered already: approved by ${winner} at ${at}.` },
          ]);
        },
      };
    };
    await explore(setUp);
  }, 60_000);

  test('a recorded rejection ends the gate, also when its round is invalidated at the same moment', async () => {
    let crossed = 0;
    const setUp = async (): Promise<Scenario> => {
      const { deps, run, linkOf } = await asked();
      const sent: { rejected?: boolean } = {};
      return {
        deps,
        lanes: ['approval', 'check/phase-1'],
        processes: {
          // The report changes, so that the reconciler invalidates the round.
          // A lane that the rejection closed under it is a conflict, which CI retries.
          writer: (own) =>
            recordEvidence(own, reportOfRun(run, own, junitReport(2), { attempt: 2 }), ci).catch((fault: unknown) => {
              if (!(fault instanceof Conflict)) throw fault;
            }),
          person: async (own) => {
            const caller = callerOf(own, both);
            const link = linkOf(both.name, 'technical-lead');
            const page = await showApproval(own, { link }, caller);
            if (page.refused) throw new Error(page.refused.detail);
            const { code, report } = page.ok;
            const answer = await answerApproval(own, { link, answer: 'rejected', confirmation: code, report, note: 'Seen.' }, caller);
            sent.rejected = answer.refused === undefined;
          },
          decider: (own) => reconcileGate(own, { run }),
        },
        check: async () => {
          await reconcileGate(deps, { run });
          const said = JSON.stringify(deps.controls.workflow.answers.slice(1));
          expect(said.includes('"rejected"')).toBe(sent.rejected);
          const lane = await deps.trail.read(`run/${run}`, { lane: 'approval/go-no-go' });
          if (sent.rejected && lane.some(({ event }) => event.type === 'approval.invalidated')) crossed += 1;
        },
      };
    };
    await explore(setUp);
    expect(crossed, 'some orders record the rejection and invalidate its round').toBeGreaterThan(0);
  }, 60_000);
});

describe('the person who started the run', () => {
  test('labels none of its observations', async () => {
    const deps = dependenciesOf(checklist);
    const run = await givenRun(deps);
    const seen = { observation: 'a-1', kind: 'alarm', bad: true, subject: 'web', summary: 'x', observedAt: deps.clock.now().toISOString() };
    await observe(deps, { run, ...seen, kind: 'alarm' }, ci);
    const starter: PersonCaller = { kind: 'person', id: ci.person ?? '', roles: ['operations-lead'], signedInAt: deps.clock.now() };
    const label = { run, observation: 'a-1', label: 'explained', explanation: 'nothing to see here', request: anew() } as const;
    expect((await labelObservation(deps, label, starter)).refused?.type).toBe('starter-excluded');
    expect((await labelObservation(deps, label, { ...starter, id: 'p-other00001' })).refused).toBeUndefined();
  });

  test('resumes no incident, and may end it', async () => {
    const deps = dependenciesOf(checklist);
    const run = await givenRun(deps);
    await givenOpen(deps, run, 'phase-1');
    await givenOpen(deps, run, 'incident');
    const starter: PersonCaller = { kind: 'person', id: ci.person ?? '', roles: ['operations-lead'], signedInAt: deps.clock.now() };
    const decide = (decision: 'resume' | 'end') => decideIncident(deps, { run, decision, reason: 'as discussed' }, starter);
    expect((await decide('resume')).refused?.type).toBe('starter-excluded');
    expect((await decide('end')).refused).toBeUndefined();
  });
});

test('a report that changes while its requests are sent says afterwards which check changed', async () => {
  const deps = dependenciesOf(checklist, { tickMs: 1, people: [both, owner] });
  const run = await givenRun(deps);
  await givenOpen(deps, run, 'phase-1');
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
  await reconcileGate(deps, { run });
  await givenOpen(deps, run, 'go-no-go');
  deps.controls.clock.advance(1000);
  let isRecorded = false;
  const append: typeof deps.trail.append = async (...args) => {
    if (args[0].type === 'approval.requested' && !isRecorded) {
      isRecorded = true;
      await recordEvidence(deps, reportOfRun(run, deps, junitReport(2, 1)), ci);
    }
    return deps.trail.append(...args);
  };
  await reconcileGate({ ...deps, trail: { ...deps.trail, append } }, { run });
  await reconcileGate(deps, { run });
  const events = await deps.trail.read(`run/${run}`, { lane: 'approval/go-no-go' });
  const requested = events.find(isType('approval.requested'));
  expect({ isRecorded, isRequested: requested !== undefined }).toEqual({ isRecorded: true, isRequested: true });
  expect(events.find(isType('approval.invalidated'))?.event.data.checks).toEqual(['unit']);
});
