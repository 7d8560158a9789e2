import { describe, expect, test } from 'vitest';
import { gateOf } from '../../lib/checklist/definition.ts';
import { foldRounds } from '../../lib/folds/approval-rounds.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { showApproval } from '../../lib/run/commands/show-approval.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { currentFindings } from '../../lib/run/state/current-findings.ts';
import { readGateInputs, readGates } from '../../lib/run/state/gate-inputs.ts';
import { reportOf } from '../../lib/run/state/gate-report.ts';
import type { FakeDependencies } from '../fakes.ts';
import { check, checklistOf, ci, contextOf, dependenciesOf, gate, junitReport, personIn, reportOfRun } from '../given.ts';
import { atFirstGate } from '../machine.ts';

const roles = ['technical-lead', 'operations-lead', 'product-owner'] as const;

/** Four checks by a report, then a gate of three signatures whose report covers them: seven checks are judged there. */
const approving = () =>
  structuredClone(
    checklistOf(
      [gate('phase-1'), gate('go-no-go', { role: 'approval', asks: [...roles], reports: ['phase-1'], rejudges: true }), gate('phase-2')],
      [
        ...['a', 'b', 'c', 'd'].map((id) => check(id, 'phase-1')),
        ...roles.map((role) => check(`go-${role}`, 'go-no-go', { kind: 'sign-off', rule: { kind: 'signed/1', role } })),
        check('later', 'phase-2', { rule: { kind: 'attested/1', role: 'technical-lead', evidence: 'attestation' } }),
      ],
    ),
  );

/** How often a property was read since the last `take`. */
const countReads = <On extends object>(on: On, property: keyof On): (() => number) => {
  const value = on[property];
  let reads = 0;
  Object.defineProperty(on, property, {
    enumerable: true,
    get: () => {
      reads += 1;
      return value;
    },
  });
  return () => {
    const taken = reads;
    reads = 0;
    return taken;
  };
};

/** A run that waits for three answers; `taken` gives what the work in between read and folded. */
const waiting = async () => {
  const deps = dependenciesOf(approving());
  const { checklist } = deps.definitions.current();
  const { run, machine } = await atFirstGate(deps);
  await recordEvidence(deps, reportOfRun(run, deps, junitReport(1)), ci);
  await machine.settle();
  expect(machine.at()).toBe('go-no-go');
  // A fold of a check reads its proof once.
  const proofs = checklist.items.map((one) => ({ id: one.id, take: countReads(one, 'proof') }));
  const queries: string[] = [];
  deps.controls.onCall((call, _caller, [, range]) => {
    const { lane, prefix } = (range ?? {}) as { lane?: string; prefix?: string };
    if (call === 'store.query') queries.push(lane ?? prefix ?? '');
  });
  const taken = () => ({
    queries: queries.splice(0),
    folds: Object.fromEntries(proofs.map(({ id, take }) => [id, take()]).filter(([, reads]) => reads !== 0)),
  });
  taken();
  return { deps, run, machine, taken };
};

const ids = ['a', 'b', 'c', 'd', 'go-technical-lead', 'go-operations-lead', 'go-product-owner'];
const times = (count: number) => Object.fromEntries(ids.map((id) => [id, count]));
const ofOneReading = ['approval/go-no-go', 'check/', 'gate/', 'observation'];

const answer = async (deps: FakeDependencies, role: (typeof roles)[number]) => {
  const link = deps.controls.mailer.mails
    .map((mail) => JSON.parse(mail.text) as { role: string; url: string })
    .find((mail) => mail.role === role)
    ?.url.split('/')
    .at(-1);
  const caller = personIn(deps, role);
  const page = await showApproval(deps, { link: link ?? '' }, caller);
  if (page.refused) throw new Error(page.refused.detail);
  return async () => {
    const { code, report } = page.ok;
    const said = await answerApproval(deps, { link: link ?? '', answer: 'approved', confirmation: code, report, note: '' }, caller);
    expect(said.refused).toBeUndefined();
  };
};

describe('one reconciliation', () => {
  test('of a gate that waits reads each lane once, folds each check once', async () => {
    const { deps, run, taken } = await waiting();
    expect((await reconcileGate(deps, { run })).did).toBe('waiting');
    const { queries, folds } = taken();
    expect(queries.toSorted()).toEqual([...ofOneReading, 'run']);
    expect(folds).toEqual(times(1));
  });

  test('of a gate that passes does so once before and once after the settle event', async () => {
    const { deps, run, machine, taken } = await waiting();
    for (const role of roles) await (await answer(deps, role))();
    deps.controls.reconciler.requests.splice(0);
    taken();
    expect((await reconcileGate(deps, { run })).did).toBe('delivered');
    const { queries, folds } = taken();
    expect(queries.toSorted()).toEqual([...ofOneReading, ...ofOneReading, 'run'].toSorted());
    expect(folds).toEqual(times(2));
    await machine.settle();
  });
});

describe('an answer', () => {
  test('reads the approval lane once', async () => {
    const { deps, taken } = await waiting();
    const give = await answer(deps, 'technical-lead');
    taken();
    await give();
    const { queries, folds } = taken();
    expect(queries.filter((lane) => lane === 'approval/go-no-go')).toHaveLength(1);
    // The gate lanes are read again after the append: the writer's half of the settle protocol.
    expect(queries.toSorted()).toEqual([...new Set(queries), 'gate/'].toSorted());
    expect(folds).toEqual(Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, 1])));
  });
});

describe('a reading', () => {
  test('keeps its findings, rounds and report; a changed reading makes them again', async () => {
    const { deps, run } = await waiting();
    const context = await contextOf(deps, run);
    const gates = await readGates(deps, context);
    const inputs = await readGateInputs(deps, context, gates, 'go-no-go');
    const entry = gates.open?.opened.event.data.entry ?? '';
    const goNoGo = gateOf(context.checklist, 'go-no-go') ?? expect.fail('no such gate');
    const later = { ...inputs, now: new Date(inputs.now.getTime() + 1000) };
    expect(currentFindings('phase-1', inputs)[0]).toBe(currentFindings('phase-1', inputs)[0]);
    expect(currentFindings('phase-1', inputs)[0]).not.toBe(currentFindings('phase-1', later)[0]);
    expect(reportOf(inputs, goNoGo)).toBe(reportOf(inputs, goNoGo));
    expect(reportOf(inputs, goNoGo)).not.toBe(reportOf(later, goNoGo));
    expect(foldRounds(inputs.approval, entry)).toBe(foldRounds(inputs.approval, entry));
    expect(foldRounds(inputs.approval, entry)).not.toBe(foldRounds([...inputs.approval], entry));
  });
});
