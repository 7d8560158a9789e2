import { ends as endings } from '../../lib/audit/events/run.ts';
import type { ApprovalEssentials, LocalInstant, MailedException, Owed, RollbackCause } from '../../lib/notification.ts';
import type { Notification } from '../../lib/ports.ts';

export const url = 'http://localhost/approvals/abcdefghijklmnopqrstuvwxyz012345';
const release = { run: '20260302-080000-abcdefghij', service: 'shop', environment: 'production', version: '1.4.0', name: 'Tove', url };

const exception = (kind: string, title: string, reason: string, words: MailedException['words'] = null): MailedException => ({
  ...{ kind, titles: [title], reason, words },
  isForInformation: false,
});

const essentialsWith = (text: string, name: string): ApprovalEssentials => ({
  why: { by: null, text },
  changes: { by: null, text },
  starter: name,
  risk: 'medium',
  impact: 'high',
  plannedT0: { at: '2026-03-10T08:00:00.000Z', local: '2026-03-10 09:00', zone: 'Europe/Berlin' },
  exceptions: [
    exception('fail', 'Load test at peak', 'p95 is 900 ms, 500 ms allowed'),
    exception('not-passed', 'Sign-Off', 'ended at 2026-03-02T07:00:00.000Z: rejected by Ole'),
    exception('overridden', 'the freeze Quarter end', `overridden by ${name}`, { by: name, text }),
    exception('waived', 'Final code review', 'waived until 2026-03-12T08:00:00.000Z by p-technical1', { by: name, text }),
    exception('not-applicable', 'Data migration', 'declared not applicable', { by: name, text: null }),
    {
      ...exception('not-applicable', '', 'declared not applicable', { by: name, text }),
      titles: ['Schema', 'Backup of the data', 'Restored data', 'Old data removed'],
    },
    { ...exception('fail', 'Load test of the night', 'no figures'), isForInformation: true },
  ],
  total: 13,
  more: 3,
  counts: [
    { verdict: 'fail', count: 1 },
    { verdict: 'waived', count: 1 },
    { verdict: 'pass', count: 54 },
  ],
  answers: [
    {
      name,
      role: 'operations-lead',
      answer: 'approved',
      at: { at: '2026-03-02T09:00:00.000Z', local: '2026-03-02 10:00', zone: 'Europe/Berlin' },
    },
  ],
  authors: { names: [name], others: 2, isUnnamed: false },
  changed: { listed: ['Final code review: waived', text], more: 2 },
});

const inUtc = (at: string): LocalInstant => ({ at, local: `${at.slice(0, 10)} ${at.slice(11, 16)}`, zone: 'UTC' });
const inBerlin: LocalInstant = { at: '2026-03-09T08:00:10.000Z', local: '2026-03-09 09:00', zone: 'Europe/Berlin' };
const critical = {
  title: 'Critical feature not working',
  at: { at: '2026-03-02T07:59:30.000Z', local: '2026-03-02 08:59', zone: 'Europe/Berlin' },
};
const measured: RollbackCause = { how: 'measured', ...critical, detail: 'the probe health failed 3 times in a row' };
const declaredBy = (by: string): RollbackCause => ({ how: 'declared', ...critical, by });

const owed = (count: number): Owed => ({
  gateTitle: 'Go / no-go',
  checks: Array.from({ length: count }, (_, n) => ({ id: `check-${n + 1}`, title: `Database backup ${n + 1}` })),
  ahead: count === 1 ? [] : [{ gateTitle: 'Post-Deployment Validation', checks: [{ id: 'logs', title: 'Logs aggregating' }] }],
  due: inBerlin,
});

/** Notifications of every kind. `text`: a reason that somebody wrote. */
export const notificationsOf = (changes: Partial<typeof release> & { readonly text?: string } = {}): readonly Notification[] => {
  const { text = 'the log is full', ...others } = changes;
  const base = { ...release, ...others };
  const about = { ...base, gateTitle: 'Go / no-go' };
  const instant = '2026-03-02T08:00:00.000Z';
  const at: LocalInstant = { at: instant, local: '2026-03-02 09:00', zone: 'Europe/Berlin' };
  const samples: { readonly [Kind in Notification['kind']]: readonly Extract<Notification, { kind: Kind }>[] } = {
    'approval-requested': [1, 2].map((round) => ({
      kind: 'approval-requested',
      ...about,
      role: 'technical-lead',
      expires:
        round === 1
          ? { at: '2026-03-09T08:00:00.000Z', local: '2026-03-09 09:00', zone: 'Europe/Berlin' }
          : { at: '2026-03-09T08:00:00.000Z', local: '2026-03-09 08:00', zone: 'UTC' },
      code: 'AD0A63',
      round,
      time: round,
      because: round === 1 ? null : text,
      forName: round === 1 ? null : base.name,
      reminder: round === 1 ? null : { share: 90, leftSeconds: 60_480 },
      essentials: {
        ...essentialsWith(round === 1 ? 'Vouchers for the spring sale.' : text, base.name),
        ...(round === 1 ? { changed: null } : {}),
      },
    })),
    'approvals-open': [1, 2].map((round) => ({
      kind: 'approvals-open',
      ...about,
      roles: ['technical-lead', 'product-owner'],
      expires: inBerlin,
      round,
    })),
    'approval-recalled': [
      { kind: 'approval-recalled', ...about, by: base.name, newer: null, at, round: 1 },
      { kind: 'approval-recalled', ...about, by: null, newer: '20260302-090000-abcdefghjk', at, round: 2 },
    ],
    'deputy-answered': [{ kind: 'deputy-answered', ...about, by: base.name, role: 'operations-lead', answer: 'approved', at }],
    'changes-requested': [{ kind: 'changes-requested', ...about, by: base.name, role: 'product-owner', at }],
    'exception-recorded': [
      { kind: 'exception-recorded', ...about, checkTitle: 'Final code review', by: 'Tove', at, until: inBerlin },
      { kind: 'exception-recorded', ...about, checkTitle: 'Final code review', by: 'Tove', at, until: null },
    ],
    'attestations-due': [1, 12].map((count) => ({ kind: 'attestations-due', ...about, ...owed(count) })),
    'deployment-announced': [inBerlin, 'when-released' as const].map((plannedT0) => ({
      kind: 'deployment-announced',
      ...base,
      plannedT0,
      movedFrom: plannedT0 === 'when-released' ? null : inUtc('2026-03-08T08:00:00.000Z'),
      freezes:
        plannedT0 === 'when-released'
          ? []
          : [{ name: 'Quarter end', to: '2026-03-10T05:00:00.000Z', toLocal: '2026-03-10 06:00', zone: 'Europe/Berlin' }],
      owed: plannedT0 === 'when-released' ? null : owed(12),
    })),
    'go-withdrawn': [{ kind: 'go-withdrawn', ...about, reasons: [text] }],
    't0-missed': [{ kind: 't0-missed', ...about, plannedT0: inBerlin }],
    'deployment-failed': [{ kind: 'deployment-failed', ...base, component: text, at }],
    'gate-blocked': [{ kind: 'gate-blocked', ...about, reasons: [text] }],
    'gate-overdue': [{ kind: 'gate-overdue', ...about, reasons: [text, 'the window ends at 2026-03-02T12:00:00.000Z'] }],
    'incident-opened': [true, false].map((decides) => ({ kind: 'incident-opened', ...about, reason: decides ? null : text, decides })),
    'rollback-decision': (
      [
        { asks: 'roll-back', reminder: false, silentAt: inUtc(instant), target: '1.3.9', because: measured },
        { asks: 'roll-back', reminder: true, silentAt: null, target: 'withdrawn', because: declaredBy(base.name) },
        {
          asks: 'roll-back',
          reminder: false,
          silentAt: null,
          target: null,
          because: { how: 'rejected', title: 'Sign-Off', at, detail: text },
        },
        { asks: 'data', reminder: false, silentAt: inBerlin, target: text, because: measured },
        { asks: 'data', reminder: false, silentAt: null, target: '1.3.9', because: measured },
        {
          asks: 'roll-back',
          reminder: false,
          silentAt: null,
          target: '1.3.9',
          because: { how: 'capped', title: 'Post-Deployment Review', at, detail: text, seconds: 604_800, until: at },
        },
      ] as const
    ).map((asked) => ({ kind: 'rollback-decision', ...base, dueAt: inBerlin, ...asked })),
    'follow-ups-due': (['asked', 'reminder', 'overdue'] as const).map((why) => ({
      kind: 'follow-ups-due',
      ...base,
      why,
      ended: why === 'asked' ? { outcome: 'rolled-back', gateTitle: text, reason: null } : null,
      items: [
        { id: 'cause', title: 'State the cause of the rollback' },
        { id: 'step-by-hand-0123abcd', title: text },
      ],
      dueAt: inUtc(instant),
    })),
    'run-ended': endings.map((outcome) => ({ kind: 'run-ended', ...about, outcome, reason: outcome === 'incident' ? null : text })),
  };
  return Object.values(samples).flat();
};
