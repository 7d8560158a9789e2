import { ends as endings } from '../../lib/audit/events/run.ts';
import type { ApprovalEssentials, Owed } from '../../lib/notification.ts';
import type { Notification } from '../../lib/ports.ts';

export const url = 'http://localhost/approvals/abcdefghijklmnopqrstuvwxyz012345';
const release = { run: '20260302-080000-abcdefghij', service: 'shop', environment: 'production', version: '1.4.0', name: 'Tove', url };

const essentialsWith = (text: string, name: string): ApprovalEssentials => ({
  why: { by: null, text },
  risk: 'medium',
  impact: 'high',
  plannedT0: '2026-03-10T08:00:00.000Z',
  exceptions: [
    { verdict: 'fail', title: 'Load test at peak', reason: 'p95 is 900 ms, 500 ms allowed', words: null },
    {
      verdict: 'waived',
      title: 'Final code review',
      reason: 'waived until 2026-03-12T08:00:00.000Z by p-technical1',
      words: { by: name, text },
    },
    { verdict: 'not-applicable', title: 'Data migration', reason: 'declared not applicable', words: { by: name, text: null } },
    { verdict: 'overridden', title: 'the freeze Quarter end', reason: `overridden by ${name}`, words: { by: name, text } },
  ],
  more: 3,
  counts: [
    { verdict: 'fail', count: 1 },
    { verdict: 'waived', count: 1 },
    { verdict: 'pass', count: 54 },
  ],
  answers: [{ name, role: 'operations-lead', answer: 'approved', at: '2026-03-02T09:00:00.000Z' }],
  authors: { names: [name], others: 2, isUnnamed: false },
});

const owed = (count: number): Owed => ({
  gateTitle: 'Go / no-go',
  checks: Array.from({ length: count }, (_, n) => ({ id: `check-${n + 1}`, title: `Database backup ${n + 1}` })),
  ahead: count === 1 ? [] : [{ gateTitle: 'Post-Deployment Validation', checks: [{ id: 'logs', title: 'Logs aggregating' }] }],
  due: '2026-03-09T08:00:00.000Z',
});

/** Notifications of every kind. `text`: a reason that somebody wrote. */
export const notificationsOf = (changes: Partial<typeof release> & { readonly text?: string } = {}): readonly Notification[] => {
  const { text = 'the log is full', ...others } = changes;
  const base = { ...release, ...others };
  const about = { ...base, gateTitle: 'Go / no-go' };
  const at = '2026-03-02T08:00:00.000Z';
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
      because: round === 1 ? null : text,
      forName: round === 1 ? null : base.name,
      reminder: round === 1 ? null : { share: 90, leftSeconds: 60_480 },
      essentials: essentialsWith(round === 1 ? 'Vouchers for the spring sale.' : text, base.name),
    })),
    'approvals-open': [1, 2].map((round) => ({
      kind: 'approvals-open',
      ...about,
      roles: ['technical-lead', 'product-owner'],
      expires: '2026-03-09T08:00:00.000Z',
      round,
    })),
    'approval-recalled': [
      { kind: 'approval-recalled', ...about, by: base.name, newer: null, at, round: 1 },
      { kind: 'approval-recalled', ...about, by: null, newer: '20260302-090000-abcdefghjk', at, round: 2 },
    ],
    'deputy-answered': [{ kind: 'deputy-answered', ...about, by: base.name, role: 'operations-lead', answer: 'approved', at }],
    'changes-requested': [{ kind: 'changes-requested', ...about, by: base.name, role: 'product-owner', at }],
    'exception-recorded': [
      { kind: 'exception-recorded', ...about, checkTitle: 'Final code review', by: 'Tove', at, until: '2026-03-04T08:00:00.000Z' },
      { kind: 'exception-recorded', ...about, checkTitle: 'Final code review', by: 'Tove', at, until: null },
    ],
    'attestations-due': [1, 12].map((count) => ({ kind: 'attestations-due', ...about, ...owed(count) })),
    'deployment-announced': ['2026-03-09T08:00:00.000Z', 'when-released'].map((plannedT0) => ({
      kind: 'deployment-announced',
      ...base,
      plannedT0,
      movedFrom: plannedT0 === 'when-released' ? null : '2026-03-08T08:00:00.000Z',
      freezes:
        plannedT0 === 'when-released'
          ? []
          : [{ name: 'Quarter end', to: '2026-03-10T05:00:00.000Z', toLocal: '2026-03-10 06:00', zone: 'Europe/Berlin' }],
      owed: plannedT0 === 'when-released' ? null : owed(12),
    })),
    'go-withdrawn': [{ kind: 'go-withdrawn', ...about, reasons: [text] }],
    't0-missed': [{ kind: 't0-missed', ...about, plannedT0: '2026-03-09T08:00:00.000Z' }],
    'deployment-failed': [{ kind: 'deployment-failed', ...base, component: text, at }],
    'gate-blocked': [{ kind: 'gate-blocked', ...about, reasons: [text] }],
    'gate-overdue': [{ kind: 'gate-overdue', ...about, reasons: [text, 'the window ends at 2026-03-02T12:00:00.000Z'] }],
    'incident-opened': [true, false].map((decides) => ({ kind: 'incident-opened', ...about, reason: decides ? null : text, decides })),
    'rollback-decision': [
      { asks: 'roll-back', reminder: false, silentAt: at, detail: 'the probe health failed 3 times in a row' },
      { asks: 'roll-back', reminder: true, silentAt: null, detail: null },
      { asks: 'data', reminder: false, silentAt: at, detail: null },
      { asks: 'data', reminder: false, silentAt: null, detail: null },
    ].map((asked) => ({ kind: 'rollback-decision', ...base, because: 'Critical feature not working', ...asked }) as never),
    'follow-ups-due': (['asked', 'reminder', 'overdue'] as const).map((why) => ({
      kind: 'follow-ups-due',
      ...base,
      why,
      ended: why === 'asked' ? { outcome: 'rolled-back', gateTitle: text, reason: null } : null,
      items: [
        { id: 'cause', title: 'State the cause of the rollback' },
        { id: 'step-by-hand-0123abcd', title: text },
      ],
      dueAt: at,
    })),
    'run-ended': endings.map((outcome) => ({ kind: 'run-ended', ...about, outcome, reason: outcome === 'incident' ? null : text })),
  };
  return Object.values(samples).flat();
};
