import { counted } from '../../wording.ts';
import type { ProbeCounts } from './probe.ts';
import type { Statement } from './standing.ts';
import { attestGate, type Demo, holder, read, readPage } from './steps.ts';
import { inTurn } from './turns.ts';

/**
 * What the demo attests. The people are invented, and reports mark their attestations as simulated; so each statement describes what
 * the demo did and saw on this stage, and claims nothing more.
 */
const prefix = 'Simulated by the demo';

/** What stands for both releases. */
export const standingStatements = async (demo: Demo): Promise<readonly Statement[]> => {
  const { facts, shop, environment } = demo.stage;
  const operator = holder(demo.stage, 'operations-lead');
  const [listeners, page, guide] = await Promise.all([
    facts.alarmListeners(),
    inTurn(() => readPage(demo, operator)),
    documentText(demo, 'troubleshooting-guide'),
  ]);
  return [
    {
      check: 'monitoring-configured',
      environment,
      statement: `${prefix}: the alarm ${shop.alarm.name} watches the errors of the shop and notifies the alarm topic, which has ${listeners} subscriber, this stage's feed; the shop logs every request.`,
    },
    {
      check: 'operations-trained',
      statement: `${prefix}: signed in as ${operator.name}, it opened the page of run ${demo.run} and found ${page.gates} gates there; nobody was trained.`,
    },
    { check: 'support-trained', statement: `${prefix}: this stage has no support team and nobody was trained; ${guide}.` },
  ];
};

export const attestBeforeDeployment = async (demo: Demo): Promise<void> => {
  const { stage } = demo;
  const operator = holder(stage, 'operations-lead');
  const [{ version, digest }, rehearsal, page, view, isRed] = await Promise.all([
    stage.shop.function.read('live'),
    demo.rehearsal(),
    readPage(demo, operator),
    read(demo),
    stage.shop.alarm.isRed(),
  ]);
  const here = view.gates.flatMap(({ approvals }) => approvals).filter(({ answer, invalidated }) => answer === 'approved' && !invalidated);
  const names = here.map(({ person }) => stage.people.find(({ id }) => id === person)?.name ?? person);
  await attestGate(demo, 't-minus-2h', {
    'team-assembled': `${prefix}: nobody met; ${[...new Set(names)].join(', ')} signed in and approved this run before.`,
    'rollback-plan-reviewed': `${prefix}: the plan is to shift the alias back to version ${version} (${digest}), which stays published. ${rehearsal}`,
    'dashboards-open': `${prefix}: signed in as ${operator.name}, it opened the page of this run with ${page.gates} gates; the alarm ${stage.shop.alarm.name} is ${isRed ? 'red' : 'not red'}.`,
  });
};

export const attestMonitoring = async (demo: Demo, counts: ProbeCounts): Promise<void> =>
  attestGate(demo, 'monitoring-4h', {
    'user-feedback-monitored': `${prefix}: the shop's only customer is the demo, which ${requestsText(counts)}.`,
    'logging-complete-accessible': await logsText(demo),
  });

export const attestValidation = async (demo: Demo, counts: ProbeCounts): Promise<void> =>
  attestGate(demo, 'phase-5', {
    'key-users-testing': `${prefix}: the shop's only customer is the demo, which ${requestsText(counts)}.`,
    'feedback-collected': `${prefix}: no person was asked for feedback; the only feedback is that the demo ${requestsText(counts)}.`,
    'documentation-adequate': `${prefix}: no user was asked; ${await documentText(demo, 'user-guide')}.`,
    'training-complete': `${prefix}: nobody was trained; ${await documentText(demo, 'administrator-guide')}.`,
  });

export const attestSuccess = (demo: Demo, counts: ProbeCounts): Promise<void> =>
  attestGate(demo, 'deployment-success', {
    'team-comfortable': `${prefix}: since the deployment it ${requestsText(counts)}.`,
    'users-positive': `${prefix}: the shop's only customer is the demo, which ${requestsText(counts)}.`,
  });

export const attestStability = (demo: Demo, counts: ProbeCounts, labelled: number): Promise<void> =>
  attestGate(demo, 'stability-24h', {
    'team-confident': `${prefix}: since the deployment it ${requestsText(counts)}, the test of the alarm was announced, and ${counted(labelled, 'other alarm was', 'other alarms were')} labelled.`,
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

/** What the record of a document of the release says. */
const documentText = async ({ release }: Demo, name: string): Promise<string> => {
  const found = (await release.documents).get(name);
  if (found === undefined) throw new Error(`the release has no document ${name}`);
  const { words, headings, links, brokenLinks } = found.figures;
  return `the ${name.replaceAll('-', ' ')} of the release has ${words} words under ${counted(headings.length, 'heading')}, and of its ${counted(links, 'link')} ${brokenLinks.length} lead nowhere`;
};

const requestsText = ({ requests, failed }: ProbeCounts): string =>
  `read orders through the live alias ${requests} times, ${failed} of them without success`;

const logsText = async (demo: Demo): Promise<string> => {
  const { requestsLogged, logged } = demo.stage.facts;
  const [{ requests, failed }, { functions, calls }] = await Promise.all([requestsLogged(), logged()]);
  return `${prefix}: it read the log of the shop; since the demo began it has ${requests} requests, ${failed} of them failed. The logs of the ${functions} functions of Holdpoint have ${calls} calls.`;
};
