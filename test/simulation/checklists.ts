import type { Checklist } from '../../lib/checklist/definition.ts';
import type { Rule } from '../../lib/registry/rules.ts';
import type { Role } from '../../lib/roles.ts';
import { check, checklistOf, gate } from '../given.ts';

const hour = 3_600;
const asks = ['technical-lead', 'operations-lead', 'product-owner'] as const;
const word = (role: Role) => ({ kind: 'attested/1', role, evidence: 'attestation' }) as const;
const coverage: Rule = { kind: 'coverage-at-least/1', evidence: 'lcov', metric: 'lines', floorPct: 80, per: 'feature' };
const signatures = (at: 'go-no-go' | 'sign-off') =>
  asks.map((role) => check(`${at}-${role}`, at, { kind: 'sign-off', owner: role, waivable: false, rule: { kind: 'signed/1', role } }));

const measured: Readonly<Record<string, Rule>> = {
  'data-corruption-detected': { kind: 'trigger-reported/1', kinds: ['data'] },
  'critical-feature-not-working': { kind: 'trigger-probe-fails/1', looksInARow: 1 },
};
const triggers = Object.entries(measured).map(([id, rule]) =>
  check(id, 'phase-1', { kind: 'trigger', gate: null, rule, owner: 'operations-lead' }),
);

/** Small enough to be walked hundreds of times, together with every kind of gate, rule and end. */
export const checklists: Readonly<Record<string, Checklist>> = {
  reports: checklistOf(
    [gate('phase-1'), gate('phase-2', { role: 'evidence', onDeadline: 'page', deadlineSeconds: 24 * hour })],
    [
      check('unit-tests', 'phase-1', { optional: true }),
      check('coverage', 'phase-1', { rule: coverage, maxAgeSeconds: 6 * hour }),
      check('integration', 'phase-2'),
      check('reviewed', 'phase-2', { rule: word('technical-lead') }),
    ],
  ),
  approvals: checklistOf(
    [
      gate('phase-1'),
      gate('go-no-go', { role: 'approval', asks: [...asks], reports: ['phase-1'], rejudges: true, deadlineSeconds: 72 * hour }),
      gate('t-minus-2h', { role: 't0' }),
    ],
    [
      check('unit-tests', 'phase-1'),
      check('reviewed', 'phase-1', { rule: word('technical-lead') }),
      ...signatures('go-no-go'),
      check('backup', 't-minus-2h', { owner: 'operations-lead', rule: word('operations-lead') }),
    ],
  ),
  release: checklistOf(
    [
      gate('phase-1'),
      gate('go-no-go', { role: 'approval', asks: [...asks], reports: ['phase-1'], rejudges: true, deadlineSeconds: 72 * hour }),
      gate('t-minus-2h', { role: 't0' }),
      gate('deployment-window', { role: 'deployment', deadlineSeconds: 4 * hour }),
      gate('monitoring-4h', { role: 'monitoring', windowSeconds: 4 * hour, deadlineSeconds: 48 * hour }),
      gate('stability-24h', {
        role: 'review',
        onDeadline: 'not-stable',
        window: { anchor: 'stable-since', seconds: 24 * hour },
        deadlineSeconds: 96 * hour,
      }),
      gate('sign-off', { role: 'approval', onRejected: 'decision', onDeadline: 'page', asks: [...asks], reports: ['stability-24h'] }),
    ],
    [
      check('unit-tests', 'phase-1'),
      check('coverage', 'phase-1', { rule: coverage, optional: true, maxAgeSeconds: 24 * hour }),
      ...signatures('go-no-go'),
      check('backup', 't-minus-2h', { owner: 'operations-lead', rule: word('operations-lead') }),
      check('deployed', 'deployment-window', { waivable: false, rule: { kind: 'deployed/2' } }),
      check('smoke-tests', 'deployment-window', { after: 'deployment.finished' }),
      check('looked-at', 'monitoring-4h', { rule: word('operations-lead'), after: 'deployment.finished' }),
      check('no-open-restarts', 'stability-24h', { rule: { kind: 'no-open-observations/1', kinds: ['restart'] } }),
      check('alarms', 'stability-24h', { rule: { kind: 'alarms-labelled/1', maxFalse: 1 } }),
      ...signatures('sign-off'),
      ...triggers,
    ],
  ),
  /** Incidents come and go while a release is reviewed. Nothing is taken back. As in older definitions the cap pages people. */
  reviews: checklistOf(
    [
      gate('t-minus-2h', { role: 't0' }),
      gate('deployment-window', { role: 'deployment', deadlineSeconds: 4 * hour }),
      gate('stability-24h', {
        role: 'review',
        onDeadline: 'page',
        window: { anchor: 'deployment.finished', seconds: hour },
        deadlineSeconds: 48 * hour,
      }),
      gate('review-48h', {
        role: 'review',
        onDeadline: 'not-stable',
        window: { anchor: 'stable-since', seconds: 3 * hour },
        capSeconds: 12 * hour,
        deadlineSeconds: 36 * hour,
      }),
    ],
    [
      check('unit-tests', 't-minus-2h'),
      check('deployed', 'deployment-window', { waivable: false, rule: { kind: 'deployed/2' } }),
      check('no-open-restarts', 'stability-24h', { rule: { kind: 'no-open-observations/1', kinds: ['restart'] } }),
      check('no-open-alarms', 'review-48h', { rule: { kind: 'no-open-observations/1', kinds: ['alarm'] } }),
    ],
  ),
  /** The same with triggers, and a cap at which people decide about a rollback. Two caps lie before the deadline, the third one behind it. */
  capped: checklistOf(
    [
      gate('t-minus-2h', { role: 't0' }),
      gate('deployment-window', { role: 'deployment', deadlineSeconds: 4 * hour }),
      gate('review-48h', {
        role: 'review',
        onDeadline: 'not-stable',
        window: { anchor: 'stable-since', seconds: 3 * hour },
        capSeconds: 8 * hour,
        onCap: 'decision',
        deadlineSeconds: 22 * hour,
      }),
    ],
    [
      check('unit-tests', 't-minus-2h'),
      check('deployed', 'deployment-window', { waivable: false, rule: { kind: 'deployed/2' } }),
      check('no-open-alarms', 'review-48h', { rule: { kind: 'no-open-observations/1', kinds: ['alarm'] } }),
      ...triggers,
    ],
  ),
  /** The real way back behind few and short gates. */
  'way-back': checklistOf(
    [
      gate('t-minus-2h', { role: 't0' }),
      gate('deployment-window', { role: 'deployment', deadlineSeconds: hour }),
      gate('monitoring-4h', { role: 'monitoring', windowSeconds: hour, deadlineSeconds: 24 * hour }),
      gate('deployment-success', { role: 'evidence', onDeadline: 'page', deadlineSeconds: 24 * hour }),
      gate('sign-off', { role: 'approval', onRejected: 'decision', onDeadline: 'page', asks: [...asks], reports: ['monitoring-4h'] }),
      gate('review-48h', {
        role: 'review',
        onDeadline: 'not-stable',
        window: { anchor: 'stable-since', seconds: 2 * hour },
        deadlineSeconds: 24 * hour,
      }),
    ],
    [
      check('unit-tests', 't-minus-2h'),
      check('smoke-tests', 'deployment-window', { after: 'deployment.finished' }),
      check('looked-at', 'monitoring-4h', { rule: word('operations-lead'), after: 'deployment.finished' }),
      check('works', 'deployment-success', { rule: word('operations-lead') }),
      ...signatures('sign-off'),
      check('no-open-restarts', 'review-48h', { rule: { kind: 'no-open-observations/1', kinds: ['restart'] } }),
      ...triggers,
    ],
  ),
};
