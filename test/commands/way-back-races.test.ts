import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import { lanes, scopes } from '../../lib/audit/lane.ts';
import { gateOfRole, incidentId } from '../../lib/checklist/definition.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import type { FakeDependencies } from '../fakes.ts';
import type { Story } from '../story.ts';
import { decidesIncident, decidesTo, letTimeRun, looks, triggers } from './interleaving-acts.ts';
import { type Place, places } from './interleaving-places.ts';
import { holds } from './way-back-holds.ts';

/** A person decides the other way and the reconciler looks; before one of their reads and writes of the trail or the workflow a trigger comes. */
type Decides = (story: Story) => Promise<boolean>;
type Came = { readonly isTold: boolean; readonly hasDecided: boolean };

const as = ({ deps, run, machine }: Story, name: string): Story => ({ deps: deps.controls.as(name) as FakeDependencies, run, machine });

/** Answers undefined where the two make fewer calls. */
const withTriggerBefore = async (place: Place, decides: Decides, nth: number): Promise<{ story: Story; came: Came } | undefined> => {
  const story = await place.story();
  const { deps, run, machine } = story;
  letTimeRun(story);
  deps.controls.reconciler.requests.splice(0);
  let calls = 0;
  let isTold: boolean | undefined;
  deps.controls.onCall(async (call, caller) => {
    if (caller !== 'decider' || !(call.startsWith('store.') || call.startsWith('workflow.'))) return;
    calls += 1;
    if (calls === nth) isTold = await triggers(as(story, 'trigger'));
  });
  const decider = as(story, 'decider');
  const hasDecided = await decides(decider);
  await reconcileGate(decider.deps, { run });
  deps.controls.onCall(undefined);
  if (isTold === undefined) return undefined;
  deps.controls.clock.advance(60_000);
  await looks(story);
  await machine.settle();
  return { story, came: { isTold, hasDecided } };
};

const atEveryCall = async (place: Place, decides: Decides, check: (story: Story, came: Came) => Promise<string>): Promise<string[]> => {
  const seen = new Set<string>();
  for (let nth = 1; ; nth += 1) {
    const played = await withTriggerBefore(place, decides, nth);
    if (played === undefined) {
      expect(nth).toBeGreaterThan(10);
      return [...seen].sort();
    }
    seen.add(await check(played.story, played.came));
  }
};

const placeWhere = (is: (place: Place) => boolean): Place => places.find(is) ?? expect.fail('there is no such place');

describe('a trigger that comes while a person', () => {
  test('decides to continue was decided about with the first one, or opens another decision', async () => {
    const decision = placeWhere(({ role }) => role === 'decision');
    const seen = await atEveryCall(decision, decidesTo('continue'), async (story, came) => {
      expect(came).toEqual({ isTold: true, hasDecided: true });
      const { deps, run, machine } = story;
      const { checklist } = deps.definitions.current();
      const lane = await deps.trail.read(scopes.run(run), { lane: lanes.rollback });
      const isLater = lane.findLastIndex(isType('rollback.triggered')) > lane.findIndex(isType('rollback.decided'));
      const goesOn = checklist.gates.at(-1)?.id;
      expect(machine.at()).toBe(isLater ? gateOfRole(checklist, 'decision')?.id : goesOn);
      const where = await holds(story, { triggers: isLater ? 1 : 0, opens: isLater });
      expect(where).toBe(isLater ? 'end rolled-back' : goesOn);
      return where;
    });
    expect(seen).toHaveLength(2);
  }, 60_000);

  test('ends the run at its incident gate leads to the decision, or is told that it came too late', async () => {
    const incident = placeWhere(({ at, isDeployed, isWayBack }) => at === incidentId && isDeployed && !isWayBack);
    const seen = await atEveryCall(incident, decidesIncident('end'), async (story, { isTold }) => {
      const where = await holds(story, { triggers: isTold ? 1 : 0, opens: isTold });
      // Who was told so may be heard all the same, where the decider reads again after the trigger and the writer before it.
      if (!isTold) expect(where).toMatch(/^(end incident|rollback-decision)$/);
      return isTold ? where : 'told';
    });
    expect(seen).toEqual(['end rolled-back', 'told']);
  }, 60_000);
});
