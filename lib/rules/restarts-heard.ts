import type { RestartHistoryFacts } from '../evidence/restart-history.ts';
import type { Judgement } from '../verdict.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';

type Source = RestartHistoryFacts['sources'][number];

export const restartsHeard = evidenceRule({
  kind: 'restarts-heard/1',
  description: 'Every restart of the named resources, by what AWS itself keeps, stands on the run as an observation.',
  evidence: 'restart-history',
  parameters: {},
  words: {},
  bounds: {},
  wants: () => "a look of Holdpoint itself at what AWS keeps about restarts of the service's resources",
  // A look that begins later, or at fewer resources, does not show what an earlier one missed.
  covers: (later: readonly RestartHistoryFacts[], earlier: RestartHistoryFacts) =>
    later.some(
      ({ since, sources }) =>
        since <= earlier.since &&
        earlier.sources.every((one) => sources.some((two) => isSame(one, two) && whyUnknown(two, since) === undefined)),
    ),
  judge: (_, { since, sources }: RestartHistoryFacts): Judgement => {
    if (sources.length === 0) return { verdict: 'inconclusive', reason: 'the stage file names no resource whose restarts can be read' };
    const all = sources.reduce((sum, { restarts }) => sum + restarts, 0);
    const figures = `${counted(all, 'restart')} of ${counted(sources.length, 'resource')} since ${since}, as AWS keeps them`;
    const bad = sources.find(({ unheardCount }) => unheardCount > 0);
    const missed = sources.reduce((sum, { unheardCount }) => sum + unheardCount, 0);
    if (bad !== undefined) {
      const [first] = bad.unheard;
      const such = first === undefined ? nameOf(bad) : `${first.subject} at ${first.at}`;
      return { verdict: 'fail', reason: `${figures}; the run was not fed ${missed} of them, such as ${such}` };
    }
    for (const source of sources) {
      const why = whyUnknown(source, since);
      if (why !== undefined) return { verdict: 'inconclusive', reason: `${nameOf(source)}: ${why}` };
    }
    return { verdict: 'pass', reason: `${figures}; the run was fed every one` };
  },
});

const nameOf = ({ kind, name }: Pick<Source, 'kind' | 'name'>): string => `${kind} ${name}`;
const isSame = (one: Source, two: Source): boolean => one.kind === two.kind && one.name === two.name;

/** Why nobody can say whether something is missing. */
const whyUnknown = ({ unread, completeSince, unexplained }: Source, since: string): string | undefined => {
  if (unread !== null) return `its restarts could not be read: ${unread}`;
  if (completeSince > since) return `AWS keeps what happened since ${completeSince} only, and ${since} is asked for`;
  return unexplained > 0
    ? `${counted(unexplained, 'task')} more started than stops were fed: it has more tasks now, or stops did not arrive`
    : undefined;
};
