import { isType } from '../audit/event.ts';
import { lanes as laneNames } from '../audit/lane.ts';
import { excerpt, quoted } from '../canonical-json.ts';
import { unaccountedIn } from '../folds/environment.ts';
import { counted } from '../wording.ts';
import { computedRule } from './kind.ts';

export const changesExplained = computedRule({
  kind: 'changes-explained/1',
  description: 'Every deployment that was seen without a released run is explained by a person.',
  parameters: {},
  words: {},
  bounds: {},
  lanes: ['environment'],
  supplier: 'explanations',
  lasting: true,
  concernedBy: (_rule, event) => isType('change.unaccounted')(event) || isType('change.explained')(event),
  judge: (_rule, { release: { service, environment }, lanes }) => {
    const changes = unaccountedIn(lanes.environment.filter(({ event }) => event.lane === laneNames.unaccounted));
    const open = changes.filter(({ explanation }) => explanation === null);
    const [first] = open;
    if (first === undefined)
      return { verdict: 'pass', reason: `${counted(changes.length, 'change')} without a released run, none unexplained` };
    const mend = `holdpoint environment explain ${service} --environment ${environment} --change ${first.id} --reason …`;
    return {
      verdict: 'fail',
      reason: excerpt(
        `${counted(open.length, 'change')} without a released run, such as ${quoted(first.what, 80)} at ${first.seenAt}: explain it with ${mend}`,
        300,
      ),
    };
  },
});
