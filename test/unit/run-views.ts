const commit = 'c'.repeat(40);
const digest = `sha256:${'d'.repeat(64)}`;

/** A run as the API answers it, with these changes. */
export const view = (change: object = {}) => ({
  run: 'r1',
  service: 'shop',
  environment: 'production',
  version: '1',
  commit,
  artifacts: [{ component: 'web', digest }],
  changes: [],
  startedAt: '2026-03-02T08:00:00.000Z',
  starter: 'p-1',
  plannedT0: 'when-released',
  definition: { name: 'Production Deployment Checklist', version: '1.0.0', digest: 'e'.repeat(64) },
  graph: 'f'.repeat(64),
  stage: 'production',
  local: false,
  waitScale: 1,
  risk: 'low',
  impact: 'low',
  outcome: 'running',
  gate: 'phase-1',
  gates: [gate()],
  deviations: [],
  disclosures: [],
  deployments: [],
  observations: [],
  undeliveredMails: [],
  checkCounts: { pass: 0, fail: 1, inconclusive: 0, missing: 0, error: 0, waived: 0, notApplicable: 0 },
  events: 7,
  closed: false,
  ...change,
});
/** A gate of it. */
export const gate = (change: object = {}) => ({
  id: 'phase-1',
  title: 'Pre-Deployment Verification',
  state: 'waiting',
  openedAt: '2026-03-02T08:00:00.000Z',
  settledAt: null,
  due: null,
  reasons: [],
  checks: [],
  approvals: [],
  regressions: [],
  ...change,
});
