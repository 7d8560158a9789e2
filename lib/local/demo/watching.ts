import { setTimeout as sleep } from 'node:timers/promises';
import { type Probe, startProbe } from './probe.ts';
import { startCustomers } from './release.ts';
import { component, type Demo, holder, must, read, type Watching } from './steps.ts';

/** How the demo watches the good release: customers, a probe, a test of the alarm, and a comparison of the data. */

/** An alarm goes back at the first metric after its period of 10 seconds without a failure. Milliseconds. */
const alarmOkMs = 16_000;
const announcedMs = 30_000;

/** Asks for the health. */
export const startStability = ({ workspace, shop: { client } }: Demo['stage']): Probe =>
  startProbe(workspace, { name: 'stability', about: `${client.url}/health`, everyMs: 300, request: client.isHealthy });

/** From the deployment on: customers read their orders as before, and a probe asks for the health. */
export const startWatching = ({ stage }: Demo, before: Omit<Watching, 'monitoring' | 'stability'>): Watching => {
  const stability = startStability(stage);
  const monitoring = startCustomers(stage, 'monitoring');
  return { ...before, monitoring, stability };
};

/**
 * One failure is measured on purpose, so that the alarm turns red and OK again: whether its notifications reach the run is seen by the
 * observations of the run. Not in the second of the deployment: notifications tell whole seconds, and this one would look older than it.
 */
export const testAlarm = async ({ stage, output }: Demo): Promise<void> => {
  const { shop, service, environment } = stage;
  const lead = await stage.person(holder(stage, 'operations-lead').id);
  // So short that it is over before the next release, whose alarm is a real one.
  const until = new Date(Date.now() + announcedMs).toISOString();
  const body = {
    kind: 'alarm-test',
    subject: shop.alarm.name,
    until,
    reason: 'One failure is measured on purpose, to test that alarms reach the run.',
  } as const;
  must('announce the test of the alarm', await lead.announceWork({ params: { service, environment }, body }));
  output.line(`announced a test of the alarm ${shop.alarm.name}, until ${until}`);
  // A notification says the beginning of its second, which must not lie before the announcement.
  await sleep(1_000 - new Date().getMilliseconds());
  await shop.alarm.measureFailure();
  output.line(`measured one failure on purpose for the alarm ${shop.alarm.name}, to test that alarms reach the run`);
};

export const watchingOf = ({ watching }: Demo): Watching => {
  if (watching === undefined) throw new Error('nothing is watched before the deployment');
  return watching;
};

export const observationOf = (demo: Demo): object => ({
  service: demo.stage.service,
  environment: demo.stage.environment,
  observedAt: new Date().toISOString(),
});

/** The requests of the customers put the alarm back. An emulated alarm that stays red is reset. */
export const becomesOk = async ({ stage: { shop, workspace }, output }: Demo): Promise<void> => {
  for (const began = Date.now(); Date.now() - began < alarmOkMs; await sleep(250)) {
    workspace.signal.throwIfAborted();
    if (!(await shop.alarm.isRed())) return output.line(`the alarm ${shop.alarm.name} is OK again: no request failed since`);
  }
  await shop.alarm.setState('OK', 'Reset by the demo: the emulated alarm did not go back by itself.');
  output.line(`reset the alarm ${shop.alarm.name}: the emulated alarm did not go back by itself`);
};

/** The checksum job: the orders from before the deployment must be the same after it. */
export const compareOrders = async (demo: Demo): Promise<void> => {
  const { orders, checksum } = watchingOf(demo);
  const now = await demo.stage.shop.orders.checksum(orders);
  const said = `${orders.length + 1} orders from before the deployment, checksum ${checksum.slice(0, 12)} before it and ${now.slice(0, 12)} after it`;
  await demo.stage.emit({
    ...observationOf(demo),
    observation: `orders-${demo.job}`,
    kind: 'data',
    bad: now !== checksum,
    subject: component,
    summary: said,
  });
  demo.output.line(`compared the data: ${said}`);
};

/** Operations explain every alarm of the run that was not announced, because an open one blocks the gate. */
export const labelAlarms = async (demo: Demo): Promise<number> => {
  const lead = await demo.stage.person(holder(demo.stage, 'operations-lead').id);
  const { observations } = await read(demo);
  const bad = observations.filter((one) => one.bad && one.kind === 'alarm' && one.label === null && one.setAside === null);
  for (const { observation } of bad) {
    must(
      'label',
      await lead.labelObservation({
        params: { run: demo.run, observation },
        body: { label: 'explained', explanation: 'Raised on purpose, to test that alarms reach the run.' },
      }),
    );
    demo.output.line(`labelled ${observation} as explained`);
  }
  return bad.length;
};
