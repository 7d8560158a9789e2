import { isType } from '../lib/audit/event.ts';
import { baseChecklist } from '../lib/checklist/checklist.ts';
import { feedObservation } from '../lib/run/commands/feed-observation.ts';
import type { Story } from './story.ts';

/** What the feed reports of the alarms of a story. */

/** Where a check of the gate asks for the states of alarms, and the stage names none that Holdpoint reads: the feed reports one, once. */
export const alarmIsOk = async ({ deps, run }: Story, gate: string): Promise<void> => {
  if (!baseChecklist.items.some((one) => one.gate === gate && one.rule?.kind === 'no-alarm-red/2')) return;
  const [started] = (await deps.trail.read(`run/${run}`, { lane: 'run' })).filter(isType('run.started'));
  if (started === undefined || (started.event.data.alarms ?? []).length > 0) return;
  await feedObservation(deps, {
    service: 'shop',
    environment: 'production',
    observation: 'alarm-state-ok',
    kind: 'alarm',
    bad: false,
    subject: 'shop-errors',
    summary: 'ALARM to OK',
    observedAt: started.event.at,
    via: 'alarm',
  });
};

/** An alarm is driven red and back, as an announced test. */
export const testAlarm = async (story: Story): Promise<void> => {
  const { deps } = story;
  for (const bad of [true, false]) {
    await feedObservation(deps, {
      service: 'shop',
      environment: 'production',
      observation: `alarm-test-${bad ? 'red' : 'ok'}`,
      kind: 'alarm',
      bad,
      subject: 'shop-errors',
      summary: 'a test of the alarm path',
      observedAt: deps.clock.now().toISOString(),
      via: 'alarm',
      setAside: 'an announced test',
    });
    deps.controls.clock.advance(1000);
  }
  await story.machine.settle();
};
