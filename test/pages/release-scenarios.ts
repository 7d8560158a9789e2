import { sha256 } from '../../lib/canonical-json.ts';
import { overrideFreeze } from '../../lib/run/commands/override-freeze.ts';
import { givenRun } from '../given.ts';
import { machineOf } from '../machine.ts';
import * as given from './page-scenarios.ts';

/** Releases that are planned into a freeze, and that follow another one. */

/** With a T0 in a freeze that the technical lead wants overridden. The operations lead lives in Berlin. `text`: what stands in every text of the stage file, `reason`: why it should be overridden. */
export const inFreeze = async (text = 'The books are closed.', reason = text): Promise<given.Story> => {
  const { services, roster, ...stage } = given.pagesStage();
  const freeze = {
    name: `Quarter end ${text}`.slice(0, 200),
    zone: 'Europe/Berlin',
    weekly: { days: ['mon' as const, 'tue' as const], from: '08:00', to: '20:00' },
    reason: text.slice(0, 200),
  };
  const story = await given.inSecond(
    { plannedT0: '2026-03-03T09:00:00.000Z' },
    {
      ...stage,
      services: services.map((one) => ({ ...one, freezes: [freeze] })),
      roster: roster.map((one) => (one.id === given.operations ? { ...one, zone: 'Europe/Berlin' } : one)),
    },
  );
  const asked = await overrideFreeze(
    story.deps,
    { run: story.run, freeze: freeze.name, reason: `Ten characters: ${reason}` },
    given.callerOf(story, given.technical),
  );
  if (asked.refused) throw new Error(JSON.stringify(asked.refused));
  return story;
};

/** Open at the go / no-go, of another release, after the first one was deployed: of another commit, with another artifact. `afterFirst`: what happens to the first release meanwhile. */
export const atGoNoGoAgain = async (
  afterFirst: (first: given.Story) => Promise<void> = async () => {},
  loads: 'failing' | 'good' = 'failing',
): Promise<given.Story> => {
  const first = await given.deployed();
  await afterFirst(first);
  const { deps, stage } = first;
  const artifacts = [{ component: 'web', digest: `sha256:${'d'.repeat(64)}` }];
  const again = { version: '1.5.0', commit: 'c'.repeat(40), artifacts };
  const run = await givenRun(deps, again, { ...given.pipeline, token: sha256('the token of the second job') });
  const machine = machineOf(deps, run);
  await machine.begin();
  await machine.settle();
  return given.toGoNoGo(await given.toSecond({ stage, deps, run, machine }, loads));
};
