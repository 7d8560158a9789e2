import { counted } from '../../canonical-json.ts';
import type { ProbeCounts } from './probe.ts';
import { attestGate, type Demo, holder, readPage } from './steps.ts';

/**
 * What the demo attests. The people are invented, and reports mark their attestations as simulated; so each statement describes what
 * the demo did and saw on this stage, and claims nothing more.
 */
const prefix = 'Simulated by the demo';

export const attestEnvironment = async (demo: Demo): Promise<void> => {
  const { facts, shop } = demo.stage;
  await attestGate(demo, 'phase-2', {
    'monitoring-configured': `${prefix}: the alarm ${shop.alarm.name} watches the errors of the shop and notifies the alarm topic, which has ${await facts.alarmListeners()} subscriber, this stage's feed; the shop logs every request.`,
    'rollback-procedure-tested': `${prefix}: ${await demo.rehearsal()}`,
    'deployment-automation-ready': `${prefix}: programs deployed this stage (deployment ${facts.deployment.slice(0, 12)}) and published the shop; nothing was done by hand.`,
  });
};

export const attestTesting = async (demo: Demo): Promise<void> => {
  const operator = holder(demo.stage, 'operations-lead');
  const page = await readPage(demo, operator);
  await attestGate(demo, 'phase-3', {
    'operations-trained': `${prefix}: signed in as ${operator.name}, it opened the page of this run and found ${page.gates} gates there; nobody was trained.`,
  });
};

export const attestBeforeDeployment = async (demo: Demo): Promise<void> => {
  const { facts, shop } = demo.stage;
  const [{ version, digest }, { arn, bytes }, rehearsal] = await Promise.all([
    shop.function.read('live'),
    facts.backUpOrders(),
    demo.rehearsal(),
  ]);
  await attestGate(demo, 't-minus-2h', {
    'backup-of-production': `${prefix}: version ${version} of the shop (${digest}) is live and stays published after the release; the orders are in the backup ${arn} (${bytes} bytes).`,
    'rollback-plan-reviewed': `${prefix}: the plan is to shift the alias back to version ${version}. ${rehearsal}`,
  });
};

export const attestMonitoring = async (demo: Demo, counts: ProbeCounts): Promise<void> =>
  attestGate(demo, 'monitoring-4h', {
    'user-feedback-monitored': `${prefix}: the shop's only customer is the demo, which ${requestsText(counts)}.`,
    'logging-complete-accessible': await logsText(demo),
  });

export const attestValidation = async (demo: Demo, counts: ProbeCounts): Promise<void> =>
  attestGate(demo, 'phase-5', {
    'logs-aggregating': await logsText(demo),
    'key-users-testing': `${prefix}: the shop's only customer is the demo, which ${requestsText(counts)}.`,
    'feedback-collected': `${prefix}: no person was asked for feedback; the only feedback is that the demo ${requestsText(counts)}.`,
  });

export const attestSuccess = (demo: Demo, counts: ProbeCounts): Promise<void> =>
  attestGate(demo, 'deployment-success', {
    'team-comfortable': `${prefix}: since the deployment it ${requestsText(counts)}.`,
    'users-positive': `${prefix}: the shop's only customer is the demo, which ${requestsText(counts)}.`,
  });

export const attestStability = (demo: Demo, counts: ProbeCounts, labelled: number): Promise<void> =>
  attestGate(demo, 'stability-24h', {
    'team-confident': `${prefix}: since the deployment it ${requestsText(counts)}, and it labelled ${counted(labelled, 'bad observation')}, raised on purpose.`,
  });

export const attestReview = (
  demo: Demo,
  counts: ProbeCounts,
  { passed, open }: { readonly passed: number; readonly open: number },
): Promise<void> =>
  attestGate(demo, 'review-48h', {
    'user-feedback-positive': `${prefix}: no person was asked; the shop's only customer is the demo, which ${requestsText(counts)}.`,
    'team-confidence-high': `${prefix}: nobody is behind it; ${passed} gates of this run have passed, and its orders are the same as before the deployment.`,
    'ready-to-declare': `${prefix}: ${counted(passed, 'gate')} of this run passed, and ${counted(open, 'bad observation is', 'bad observations are')} open.`,
  });

const requestsText = ({ requests, failed }: ProbeCounts): string =>
  `read orders through the live alias ${requests} times, ${failed} of them without success`;

const logsText = async (demo: Demo): Promise<string> => {
  const { requestsLogged, logged } = demo.stage.facts;
  const [{ requests, failed }, { functions, calls }] = await Promise.all([requestsLogged(), logged()]);
  return `${prefix}: it read the log of the shop; since the demo began it has ${requests} requests, ${failed} of them failed. The logs of the ${functions} functions of Holdpoint have ${calls} calls.`;
};
