import type { RunContext } from './run-context.ts';

/** Sentences that every report of a run shows, so that a reader knows the limits of what was proved. */
export const disclosuresOf = (context: RunContext): string[] => {
  const { waitScale, local, environment, service } = context.started.event.data;
  return [
    ...(context.checklist.profile === undefined
      ? [`Coverage and test results are judged for each report as a whole, not for each feature or suite of ${service}: it has no profile.`]
      : []),
    ...(waitScale > 1
      ? [`Waiting windows are ${waitScale} times shorter than on a real stage (${environment}); deadlines are not shortened.`]
      : []),
    ...(local ? ['A local stage: attestations are simulated by invented people.'] : []),
  ];
};
