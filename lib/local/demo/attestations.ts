import type { Seen } from './probe.ts';
import { attestGate, holder, type Play, readPage } from './steps.ts';

/**
 * What is attested in a play. The people are invented, and every report calls their word rehearsed; so each sentence says what this
 * play has done and seen on this stage, and claims nothing beyond it.
 */
const rehearsal = 'Rehearsed in this play';

export const attestEnvironment = async (play: Play, wayBack: string): Promise<void> => {
  const { deployment, alarmListeners } = play.stage.facts;
  await attestGate(play, 'phase-2', {
    'monitoring-configured': `${rehearsal}: the topic for alarms has ${await alarmListeners()} listener, the feed of this stage, and every function keeps its log; the sample has no alarm of its own.`,
    'rollback-procedure-tested': wayBack,
    'deployment-automation-ready': `${rehearsal}: this stage (deployment ${deployment.slice(0, 12)}) and the sample were deployed by programs of this checkout, nothing by hand.`,
  });
};

export const attestTesting = async (play: Play): Promise<void> => {
  const operator = holder(play.stage, 'operations-lead');
  const page = await readPage(play, operator);
  await attestGate(play, 'phase-3', {
    'operations-trained': `${rehearsal}: signed in as ${operator.name}, opened the page of this run and found ${page.gates} gates on it; nobody was trained.`,
  });
};

export const attestBeforeDeployment = async (play: Play, wayBack: string): Promise<void> => {
  const { version, digest } = await play.stage.sample.readBack();
  await attestGate(play, 't-minus-2h', {
    'backup-of-production': `${rehearsal}: version ${version} of the sample is live with ${digest}, stays published when the alias is shifted, and holds no data.`,
    'rollback-plan-reviewed': `${rehearsal}, the plan being to shift the alias back to version ${version}. ${wayBack}`,
  });
};

export const attestMonitoring = async (play: Play, seen: Seen): Promise<void> =>
  attestGate(play, 'monitoring-4h', {
    'user-feedback-monitored': `${rehearsal}: the sample's only user is this play, which asked it ${answers(seen)}.`,
    'logging-complete-accessible': await logged(play),
  });

export const attestValidation = async (play: Play, seen: Seen): Promise<void> =>
  attestGate(play, 'phase-5', {
    'logs-aggregating': await logged(play),
    'key-users-testing': `${rehearsal}: the sample's only user is this play, which asked its live alias ${answers(seen)}.`,
    'feedback-collected': `${rehearsal}: nobody was asked for feedback; what came back is what the play saw, ${answers(seen)}.`,
  });

export const attestSuccess = (play: Play, seen: Seen): Promise<void> =>
  attestGate(play, 'deployment-success', {
    'team-comfortable': `${rehearsal}: since the deployment the live alias was asked ${answers(seen)}.`,
    'users-positive': `${rehearsal}: the sample's only user is this play, which asked it ${answers(seen)}.`,
  });

export const attestStability = (play: Play, seen: Seen, labelled: number): Promise<void> =>
  attestGate(play, 'stability-24h', {
    'team-confident': `${rehearsal}: since the deployment the live alias was asked ${answers(seen)}, and ${labelled} bad observation, raised on purpose, was labelled.`,
  });

export const attestReview = (play: Play, released: number, open: number): Promise<void> =>
  attestGate(play, 'review-48h', {
    'ready-to-declare': `${rehearsal}: ${released} gates of this run are released, and ${open} bad observations are open.`,
  });

const answers = ({ asked, failed }: Seen): string => `${asked} times, ${failed} of them in vain`;

const logged = async (play: Play): Promise<string> => {
  const { functions, calls, lines } = await play.stage.facts.logged();
  return `${rehearsal}: the logs of ${functions} functions were searched together; they hold ${calls} calls since the play began, and ${lines} lines of the functions' own about them.`;
};
