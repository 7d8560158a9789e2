import { isType } from '../audit/event.ts';
import { lanes as laneNames } from '../audit/lane.ts';
import { cut } from '../canonical-json.ts';
import { liveIn, newestDrill, rollbackTargetOf } from '../folds/environment.ts';
import { computedRule } from './kind.ts';

export const rollbackTarget = computedRule({
  kind: 'rollback-target/1',
  description: 'There is a version to which the release can be taken back.',
  parameters: {},
  bounds: {},
  lanes: ['environment'],
  // At T0 it is fixed in the run; what is live afterwards is this release.
  lasting: true,
  concernedBy: (_rule, event) => isType('environment.live')(event) || isType('target.adopted')(event),
  judge: (_rule, { release: { service, environment, waitScale }, lanes }) => {
    const live = liveIn(lanes.environment.filter(({ event }) => event.lane === laneNames.live));
    const target = rollbackTargetOf(live, waitScale);
    if (target === undefined) {
      const mend = `two people adopt the version that runs: holdpoint target adopt ${service} --environment ${environment} …; or they accept that the service is taken away: holdpoint target withdraw`;
      const none =
        live.length === 0 ? 'no version is known to run there' : 'no version that was live has passed Deployment Success without a trigger';
      return { verdict: 'fail', reason: cut(`nothing to go back to: ${none}. ${mend}`, 300) };
    }
    const crossed = newestDrill(lanes.environment)?.schemaVersions ?? [];
    const schemas = crossed.length === 0 ? '' : `; schema versions crossed in the newest drill: ${crossed.join(', ')}`;
    if (target.level === 'withdraw')
      return { verdict: 'pass', reason: cut(`a rollback takes the service away, as two people accepted${schemas}`, 300) };
    return { verdict: 'pass', reason: cut(`a rollback leads to version ${target.version} (${target.level})${schemas}`, 300) };
  },
});
