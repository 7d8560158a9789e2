import type { Stored } from '../../audit/event.ts';
import type { Running } from '../../audit/events/run.ts';
import type { Live } from '../../folds/environment.ts';
import { ofType, type RunContext } from '../state/run-context.ts';

type Started = Pick<RunContext, 'run' | 'started'>;

/** What runs once the run has deployed: what it released, and beside that what it left alone. Pure. */
export const runningIn = (context: Started, deployment: readonly Stored[], before: Live | undefined): Running[] => [
  ...releasedIn(context, deployment),
  ...leftIn(context, deployment, before),
];

/** The digest of each released component, and the reference that the platform gave last. */
const releasedIn = ({ started }: Started, deployment: readonly Stored[]): readonly Running[] =>
  started.event.data.artifacts.map(({ component, digest }) => {
    const read = lastRead(deployment, component);
    return { component, digest: read?.digest ?? digest, reference: read?.reference ?? null };
  });

/**
 * The components of the version before that the run did not release. One of which its platform says another digest is left out: somebody
 * changed it, and what a rollback could lead to is not known. So is one of which only people say that it runs, where the platform could say it.
 */
export const leftIn = ({ started }: Started, deployment: readonly Stored[], before: Live | undefined): readonly Running[] => {
  const { artifacts, readable = [] } = started.event.data;
  return (before?.components ?? [])
    .filter(({ component }) => !artifacts.some((one) => one.component === component))
    .filter(({ component, digest }) => {
      const read = lastRead(deployment, component);
      return read == null || read.digest === null ? before?.readBack !== false || !readable.includes(component) : read.digest === digest;
    });
};

const lastRead = (deployment: readonly Stored[], component: string) =>
  ofType(deployment, 'deployment.read-back').findLast(({ event: { data } }) => data.component === component && !data.before)?.event.data;

/** What was live before the run deployed. That people accept that a rollback takes the service away changes nothing of it. */
export const liveBefore = (live: readonly Live[], { run }: Pick<Started, 'run'>): Live | undefined =>
  live.findLast((one) => one.run !== run && (one.level !== 'withdraw' || one.readBack === null));
