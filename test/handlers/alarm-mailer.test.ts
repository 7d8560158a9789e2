import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { rosterOf } from '../../lambdas/adapters/stage-roster.ts';
import { mailAlarm } from '../../lambdas/alarm-mailer.ts';
import type { Stage } from '../../lib/checklist/stage.ts';
import type { Mail } from '../../lib/ports.ts';
import { stageOf } from './requests.ts';
import { deployedStage } from './roster-bucket.ts';

const [template] = stageOf().roster;
if (template === undefined) throw new Error('the stage has people');
const stage: Stage = {
  ...stageOf(),
  roster: [
    ...stageOf().roster,
    {
      ...template,
      id: 'p-secondlead',
      name: 'Second Lead',
      address: 'second@example.com',
      roles: ['operations-lead'],
      subjects: [],
      starters: [],
      commitsAs: [],
    },
  ],
};
const leads = stage.roster.filter(({ roles }) => roles.includes('operations-lead'));

/** As CloudWatch sends it: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
const alarm = {
  AlarmName: 'Holdpoint-production-App-ApiFaults',
  AlarmDescription: 'The API answered five or more requests with a 5xx status.',
  AWSAccountId: '111122223333',
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed: 1 datapoint [7.0] was greater than 5.0.',
  StateChangeTime: '2026-03-02T08:00:00.000+0000',
  Region: 'EU (Frankfurt)',
  OldStateValue: 'OK',
};
const event = (...messages: readonly unknown[]) => ({
  Records: messages.map((message) => ({
    EventSource: 'aws:sns',
    Sns: { MessageId: 'm', Message: typeof message === 'string' ? message : JSON.stringify(message) },
  })),
});

let sent: Mail[];
let refuses: string | undefined;
beforeEach(() => {
  [sent, refuses] = [[], undefined];
});
const parts = {
  stage: 'production',
  roster: rosterOf(stage),
  mailer: {
    send: async (mail: Mail) => {
      if (mail.to.address === refuses) throw new Error('refused');
      sent.push(mail);
      return { message: 'm1' };
    },
  },
};

describe('an alarm on Holdpoint itself', () => {
  test('is mailed to every operations lead and to nobody else, with what is wrong and what to do', async () => {
    expect(leads).toHaveLength(2);
    expect(await mailAlarm(parts, event(alarm))).toEqual({ mailed: leads.map(({ id }) => id) });
    expect(sent.map(({ to }) => to.address)).toEqual(leads.map(({ address }) => address));
    for (const { about, subject, text, html } of sent) {
      expect([about, subject]).toEqual([null, 'Holdpoint production: ALARM: Holdpoint-production-App-ApiFaults']);
      for (const body of [text, html]) for (const said of [alarm.AlarmDescription, alarm.NewStateReason]) expect(body).toContain(said);
    }
  });

  test.each([
    ['OK', 'This is over.'],
    ['INSUFFICIENT_DATA', 'does not know'],
    ['NEW_STATE', 'does not know'],
  ])('is mailed when it becomes %s', async (NewStateValue, said) => {
    await mailAlarm(parts, event({ ...alarm, NewStateValue }));
    expect(sent[0]?.text).toContain(said);
  });

  test.each([
    ['text', 'Maintenance at noon'],
    ['JSON of something else', '{"hello":1}'],
    ['an alarm without a state', JSON.stringify({ AlarmName: 'a' })],
  ])('may be anything on the topic, which is passed on: %s', async (_what, message) => {
    await mailAlarm(parts, event(message));
    expect(sent.map(({ subject }) => subject)).toEqual(leads.map(() => 'Holdpoint production: a message'));
    expect(sent[0]?.text).toContain(message);
  });

  test('starts no header, line or link by its text', async () => {
    await mailAlarm(parts, event({ ...alarm, AlarmName: 'a\r\nBcc: all@example.com', NewStateReason: '<b>see https://evil.example</b>' }));
    expect(sent[0]?.subject).not.toMatch(/[\r\n]/);
    expect(sent[0]?.html).not.toMatch(/<b>|https:\/\/evil/);
  });

  test('reaches the others when one address is refused, and is then repeated', async () => {
    refuses = leads[0]?.address;
    await expect(mailAlarm(parts, event(alarm, alarm))).rejects.toThrow('refused');
    expect(sent.map(({ to }) => to.address)).toEqual(['second@example.com', 'second@example.com']);
  });

  test.each([[{}], [undefined], [{ Records: [] }], [{ Records: [{ Sns: {} }] }]])('is not taken from %j', async (given) => {
    expect(await mailAlarm(parts, given)).toEqual({ declined: 'not a notification of SNS' });
    expect(sent).toEqual([]);
  });
});

describe('the function', () => {
  /** To whom SES was asked to send. */
  const addressed: unknown[] = [];
  const context = { awsRequestId: 'request-1' } as Context;
  let deployed: Awaited<ReturnType<typeof deployedStage>>;

  // A function reads its stage once in its life; other tests of this process have stages of their own.
  beforeAll(async () => {
    vi.resetModules();
    deployed = await deployedStage(stage);
    vi.stubEnv('MAIL_SET', 'holdpoint-production');
    const send = globalThis.fetch;
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      if (!url.startsWith('https://email.')) return send(url, init);
      addressed.push((JSON.parse(String(init.body)) as { Destination: { ToAddresses: unknown } }).Destination.ToAddresses);
      return Response.json({ MessageId: 'm1' });
    });
  });
  afterAll(() => {
    vi.unstubAllGlobals();
    deployed.close();
    vi.resetModules();
  });

  test('fails while there is no roster, so that the alarm stands in the queue, and mails once there is one', async () => {
    const { handler } = await import('../../lambdas/alarm-mailer.ts');
    deployed.bucket.people = undefined;
    await expect(handler(event(alarm), context)).rejects.toMatchObject({ name: 'RosterUnusable' });
    expect(addressed).toEqual([]);
    deployed.bucket.people = stage.roster;
    expect(await handler(event(alarm), context)).toEqual({ mailed: leads.map(({ id }) => id) });
    expect(addressed).toEqual(leads.map(({ address }) => [address]));
  });
});
