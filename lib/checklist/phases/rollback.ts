import type { Budget, RollbackStep } from '../../audit/events/rollback.ts';
import { rollbackVerified, stepProved } from '../../rules/step-proved.ts';
import { withinBudget } from '../../rules/within-budget.ts';
import { rollbackItem } from '../builders.ts';
import type { Item } from '../definition.ts';
import type { RollbackGateDefinition, RollbackPath } from '../gates.ts';

const minute = 60;
const day = 86_400;
const procedure = 'rollback-procedure';

/** The document's time targets, in seconds. */
const budgets: Readonly<Record<Budget, number>> = {
  decision: 5 * minute,
  execution: 10 * minute,
  verification: 5 * minute,
  total: 20 * minute,
};

type Step = { readonly words: string; readonly proof: string; readonly onRejected: 'rollback-escalated' | 'rolled-back-unverified' };

const steps: Readonly<Record<RollbackStep, Step>> = {
  'stop-requests': {
    words: 'Immediately stop accepting new requests',
    proof: 'An actuator stops them, and probes see that they are refused. The stop is taken back before health is verified.',
    onRejected: 'rollback-escalated',
  },
  'revert-version': {
    words: 'Revert to last stable version',
    proof: 'An actuator sets the platform back, and the digests that run are read back and compared with the target.',
    onRejected: 'rollback-escalated',
  },
  'restore-database': {
    words: 'Restore database from backup',
    proof: 'A named person decides to restore or to keep the data; a restore is proved by probes.',
    onRejected: 'rollback-escalated',
  },
  'restart-services': {
    words: 'Restart services',
    proof: 'An actuator starts the components anew, in their order, and probes see them.',
    onRejected: 'rollback-escalated',
  },
  'verify-health': {
    words: 'Verify health checks passing',
    proof: 'Requests are accepted again, and every critical probe is answered as expected several times in a row.',
    onRejected: 'rolled-back-unverified',
  },
  'monitor-stability': {
    words: 'Monitor for stability',
    proof: 'The critical probes are watched over the first window, and none fails.',
    onRejected: 'rolled-back-unverified',
  },
};

const entries = Object.entries(steps) as readonly (readonly [RollbackStep, Step])[];

const stepGates: readonly RollbackGateDefinition[] = entries.map(([step, { words, onRejected }]) => ({
  role: 'step',
  id: step,
  title: `Rollback: ${words}`,
  deadlineSeconds: day,
  step,
  onRejected,
}));

export const rollbackPath: RollbackPath = {
  gates: [
    { role: 'decision', id: 'rollback-decision', title: 'Rollback: decision', deadlineSeconds: day },
    ...stepGates,
    { role: 'verification', id: 'rollback-verification', title: 'Rollback: verification', deadlineSeconds: day },
  ],
  budgets,
  silenceLeadSeconds: 75,
  remindAfterSeconds: minute,
  warnPct: 80,
  silentGates: ['deployment-window', 'monitoring-4h'],
  followUps: { remindAfterSeconds: day, limitSeconds: 2 * day },
};

const target = (budget: Budget, words: string): Item =>
  rollbackItem('target', 'rollback-verification', {
    id: `target-${budget}`,
    group: 'time-target',
    words,
    title: words,
    proof: 'Measured between events that the server recorded. A breach is an event and an alarm, and never ends the rollback.',
    mode: 'observe',
    rule: withinBudget.of({ budget, limitSeconds: budgets[budget] }),
  });

export const rollbackItems: readonly Item[] = [
  ...entries.map(([step, { words, proof }]) =>
    rollbackItem('step', step, { id: step, group: procedure, words, title: words, proof, mode: 'required', rule: stepProved.of({ step }) }),
  ),
  rollbackItem('step', 'rollback-verification', {
    id: 'rollback-verified',
    group: procedure,
    source: 'holdpoint',
    words: 'The rollback is verified',
    title: 'The rollback is verified',
    proof: 'Computed: every step is proved or not needed, and requests are accepted again.',
    mode: 'required',
    rule: rollbackVerified.of({}),
  }),
  target('decision', 'Decision to rollback: < 5 minutes'),
  target('execution', 'Rollback execution: < 10 minutes'),
  target('verification', 'Verification: < 5 minutes'),
  target('total', 'Total: < 20 minutes'),
];
