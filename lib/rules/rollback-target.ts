import { isType } from '../audit/event.ts';
import { lanes as laneNames } from '../audit/lane.ts';
import { cut } from '../canonical-json.ts';
import { liveIn, newestDrill, rollbackTargetOf, schemaVersionIn, type Unconfirmed, unconfirmedIn } from '../folds/environment.ts';
import type { Judgement } from '../verdict.ts';
import { computedRule } from './kind.ts';

export const rollbackTarget = computedRule({
  kind: 'rollback-target/1',
  description: 'There is a version to which each component of the release can be taken back.',
  parameters: {},
  words: {},
  bounds: {},
  lanes: ['environment'],
  supplier: 'target',
  // At T0 it is fixed in the run; what is live afterwards is this release.
  lasting: true,
  concernedBy: (_rule, event) => isType('environment.live')(event) || isType('target.adopted')(event) || isType('target.read-back')(event),
  judge: (_rule, { release: { service, environment, waitScale, schemaVersion, artifacts, readable = [] }, lanes }) => {
    const lane = lanes.environment.filter(({ event }) => event.lane === laneNames.live);
    const live = liveIn(lane);
    const isReadable = (component: string): boolean => readable.includes(component);
    const target = rollbackTargetOf(live, waitScale, isReadable);
    if (target === undefined) {
      const unconfirmed = unconfirmedIn(lane, isReadable);
      if (unconfirmed !== undefined) return notConfirmed(unconfirmed);
      const mend = `two people adopt the version that runs: holdpoint target adopt ${service} --environment ${environment} …; or they accept that the service is taken away: holdpoint target withdraw`;
      const none =
        live.length === 0 ? 'no version is known to run there' : 'no version that was live has passed Deployment Success without a trigger';
      return { verdict: 'fail', reason: cut(`nothing to go back to: ${none}. ${mend}`, 300) };
    }
    const drill = newestDrill(lanes.environment);
    const schemas = `${crossedBy(schemaVersion, schemaVersionIn(live, target))}${drill === undefined ? '' : rehearsed(drill.schemaVersions)}`;
    if (target.level === 'withdraw')
      return { verdict: 'pass', reason: cut(`a rollback takes the service away, as two people accepted${schemas}`, 300) };
    const unnamed = artifacts
      .map(({ component }) => component)
      .filter((component) => !target.components.some((one) => one.component === component));
    if (unnamed.length > 0)
      return {
        verdict: 'fail',
        reason: cut(
          `a rollback leads to version ${target.version}, which names no version of ${unnamed.join(', ')}: two people adopt the version that runs, with every component: holdpoint target adopt ${service} --environment ${environment} …`,
          300,
        ),
      };
    const left = target.components
      .map(({ component }) => component)
      .filter((component) => !artifacts.some((one) => one.component === component));
    const beside = left.length === 0 ? '' : ` and leaves ${left.join(', ')} as it runs`;
    const unread = target.readBack === false ? ', which nobody has read back: its platform is only reported' : '';
    return {
      verdict: 'pass',
      reason: cut(`a rollback leads to version ${target.version} (${target.level})${unread}${beside}${schemas}`, 300),
    };
  },
});

/** Which versions of the database's schema lie between the release and its target. */
const crossedBy = (now: string | undefined, target: string | undefined): string => {
  if (now === undefined || target === undefined)
    return '; nobody named the schema versions of both, so it is not known which a rollback crosses';
  return now === target ? `; both have the schema version ${now}` : `; a rollback crosses the schema from ${now} to ${target}`;
};

const rehearsed = ([from, to]: readonly string[]): string => {
  if (from === undefined || to === undefined) return '; the newest drill does not say which it crossed';
  return from === to ? `; the newest drill crossed none (${from})` : `; the newest drill crossed ${from} to ${to}`;
};

/** Two people may be wrong about what runs. */
const notConfirmed = ({ version, sayings }: Unconfirmed): Judgement => {
  const [first] = sayings.toSorted((a, b) => Number(b.read?.digest != null) - Number(a.read?.digest != null));
  if (first?.read == null)
    return { verdict: 'inconclusive', reason: cut(`two people adopted version ${version}, and nobody has read it back yet`, 300) };
  const { component, read } = first;
  if (read.digest === null)
    return {
      verdict: 'inconclusive',
      reason: cut(`two people adopted version ${version}, and ${component.component} cannot be read back: ${read.detail}`, 300),
    };
  const runs = read.digest === component.digest ? `${read.digest} as ${read.reference}` : read.digest;
  const said = read.digest === component.digest ? `${component.reference}` : component.digest;
  return {
    verdict: 'fail',
    reason: cut(
      `two people adopted version ${version} with ${component.component} ${said}, and its platform runs ${runs}: adopt what runs`,
      300,
    ),
  };
};
