import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  InvalidOutput,
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  TaskDoesNotExist,
  TaskTimedOut,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createKmsMac } from '../../lambdas/adapters/kms-mac.ts';
import { createLambdaReconciler } from '../../lambdas/adapters/lambda-reconciler.ts';
import { createSchedules, scheduleName } from '../../lambdas/adapters/scheduler-schedules.ts';
import { createSesMailer } from '../../lambdas/adapters/ses-mailer.ts';
import { createSfnWorkflow } from '../../lambdas/adapters/sfn-workflow.ts';
import { awsServer, jsonRefusal, restRefusal } from './aws-server.ts';

const said = { $metadata: {}, message: 'no' };
const sfn = mockClient(SFNClient);
afterAll(() => sfn.restore());
beforeEach(() => sfn.reset());

describe('workflow on Step Functions', () => {
  const machine = 'arn:aws:states:eu-central-1:111122223333:stateMachine:GateGraph';
  const workflow = createSfnWorkflow(new SFNClient({}), { stateMachine: machine });

  it('starts an execution with the name of the run', async () => {
    sfn.on(StartExecutionCommand).resolves({ executionArn: 'arn:execution' });
    expect(await workflow.start('r1', { run: 'r1' })).toEqual({ execution: 'arn:execution' });
    expect(sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toEqual({
      stateMachineArn: machine,
      name: 'r1',
      input: '{"run":"r1"}',
    });
  });

  it("takes an execution of that name for the run's own", async () => {
    sfn.on(StartExecutionCommand).rejectsOnce(new ExecutionAlreadyExists(said)).rejectsOnce(new StateMachineDoesNotExist(said));
    expect(await workflow.start('r1', {})).toEqual({ execution: 'arn:aws:states:eu-central-1:111122223333:execution:GateGraph:r1' });
    await expect(workflow.start('r1', {})).rejects.toMatchObject({ name: 'StateMachineDoesNotExist' });
  });

  it('sends answers and failures', async () => {
    sfn.on(SendTaskSuccessCommand).resolves({}).on(SendTaskFailureCommand).resolves({});
    expect(await workflow.succeed('t', { run: 'r1', outcome: 'passed' })).toBe('sent');
    expect(await workflow.fail('t', 'Rollback.Triggered', 'c'.repeat(40_000))).toBe('sent');
    expect(sfn.calls().map((call) => call.args[0].input)).toEqual([
      { taskToken: 't', output: '{"run":"r1","outcome":"passed"}' },
      { taskToken: 't', error: 'Rollback.Triggered', cause: 'c'.repeat(32_768) },
    ]);
  });

  it('is closed for a token that is used, late or unknown, and throws everything else', async () => {
    for (const closed of [new TaskDoesNotExist(said), new TaskTimedOut(said), new InvalidToken(said)]) {
      sfn.on(SendTaskSuccessCommand).rejects(closed).on(SendTaskFailureCommand).rejects(closed);
      expect([await workflow.succeed('t', {}), await workflow.fail('t', 'e', 'c')]).toEqual(['closed', 'closed']);
    }
    sfn.on(SendTaskSuccessCommand).rejects(new InvalidOutput(said));
    await expect(workflow.succeed('t', {})).rejects.toMatchObject({ name: 'InvalidOutput' });
  });

  it.each([
    ['RUNNING', true],
    ['PENDING_REDRIVE', true],
    ['TIMED_OUT', false],
    ['ABORTED', false],
  ] as const)('reads %s as running: %s', async (status, running) => {
    sfn.on(DescribeExecutionCommand).resolves({ status, error: 'States.Timeout' });
    expect(await workflow.describe('arn:execution')).toEqual({ running });
  });

  it.each([
    ['SUCCEEDED', undefined, 'succeeded'],
    ['FAILED', 'rolled-back', 'rolled-back'],
    ['FAILED', undefined, undefined],
  ] as const)('reads where it ended: %s with the error %s', async (status, error, end) => {
    sfn.on(DescribeExecutionCommand).resolves(error === undefined ? { status } : { status, error });
    expect(await workflow.describe('arn:execution')).toEqual({ running: false, end });
  });

  it('takes a forgotten execution for one that is over, and throws everything else', async () => {
    sfn.on(DescribeExecutionCommand).rejectsOnce(new ExecutionDoesNotExist(said)).rejectsOnce(new Error('throttled'));
    expect(await workflow.describe('arn:execution')).toEqual({ running: false });
    await expect(workflow.describe('arn:execution')).rejects.toThrow('throttled');
  });
});

describe('reconciler on Lambda', () => {
  it('is invoked as an event, with the due item when there is one', async () => {
    const { asked, call } = awsServer(new Response('', { status: 202 }), new Response('', { status: 202 }));
    const reconciler = createLambdaReconciler(call, { functionName: 'reconciler' });
    const item = { at: '2026-03-02T08:00:00.000Z', run: 'r1', kind: 'recheck', id: 'a1' } as const;
    await reconciler.request('r1');
    await reconciler.request('r1', item);
    expect(asked.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual(
      [{ run: 'r1' }, { run: 'r1', item }].map((event) => [
        'POST',
        'https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/reconciler/invocations',
        event,
      ]),
    );
    expect(asked[0]?.headers.get('x-amz-invocation-type')).toBe('Event');
  });

  it('that takes no request is a fault with the name of the error', async () => {
    const reconciler = createLambdaReconciler(awsServer(restRefusal(404, 'ResourceNotFoundException')).call, { functionName: 'r' });
    await expect(reconciler.request('r1')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'lambda answered 404 ResourceNotFoundException said so',
    });
  });
});

describe('schedules on EventBridge Scheduler', () => {
  const given = (...answers: readonly Response[]) => {
    const server = awsServer(...answers);
    const clock = { now: () => new Date('2026-03-02T08:00:00.500Z') };
    const config = { group: 'runs', reconciler: 'arn:reconciler', role: 'arn:role', deadLetters: 'arn:dead', clock };
    return { ...server, schedules: createSchedules(server.call, config) };
  };
  const made = () => Response.json({ ScheduleArn: 'arn:schedule' });

  it('makes a one-time schedule that deletes itself', async () => {
    const { asked, schedules } = given(made());
    await schedules.at('r1.phase-1.due', new Date('2026-03-02T09:00:00.000Z'), { run: 'r1' });
    expect(asked[0]).toMatchObject({ method: 'POST', url: 'https://scheduler.eu-central-1.amazonaws.com/schedules/r1.phase-1.due' });
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      GroupName: 'runs',
      ScheduleExpression: 'at(2026-03-02T09:00:00)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: { Arn: 'arn:reconciler', RoleArn: 'arn:role', Input: '{"run":"r1"}', DeadLetterConfig: { Arn: 'arn:dead' } },
    });
  });

  it('is never early, and asks two seconds on for what has passed', async () => {
    const { asked, schedules } = given(made(), made(), made());
    for (const when of ['2026-03-02T09:00:00.001Z', '2026-03-02T08:00:01.000Z', '2020-01-01T00:00:00.000Z'])
      await schedules.at('n', new Date(when), { run: 'r1' });
    expect(asked.map(({ body }) => (JSON.parse(body) as { ScheduleExpression: string }).ScheduleExpression)).toEqual([
      'at(2026-03-02T09:00:01)',
      'at(2026-03-02T08:00:03)',
      'at(2026-03-02T08:00:03)',
    ]);
  });

  it('takes a schedule of that name for its own, and throws everything else', async () => {
    const { schedules } = given(restRefusal(409, 'ConflictException'), restRefusal(400, 'ValidationException'));
    await schedules.at('n', new Date('2026-03-02T09:00:00.000Z'), { run: 'r1' });
    await expect(schedules.at('n', new Date('2026-03-02T09:00:00.000Z'), { run: 'r1' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('keeps a name that Scheduler accepts, and makes others valid and distinct', () => {
    expect(scheduleName('r1.phase-1_due')).toBe('r1.phase-1_due');
    const names = ['r1/phase-1', 'r1#phase-1', `r1${'x'.repeat(80)}`, `r1${'x'.repeat(81)}`].map(scheduleName);
    for (const name of names) expect(name).toMatch(/^[0-9a-zA-Z_.-]{1,64}$/);
    expect(new Set(names).size).toBe(4);
  });
});

describe('mailer on SES', () => {
  const given = (...answers: readonly Response[]) => {
    const server = awsServer(...answers);
    const config = { from: 'Holdpoint <holdpoint@example.com>', set: 'holdpoint-production', region: 'eu-west-1' };
    return { ...server, mailer: createSesMailer(server.call, config) };
  };
  const mail = {
    about: { run: '20260302-080000-abcdefghij', notification: 'gate-overdue', person: 'p-1' },
    to: { name: 'Jürgen, "J" Groß', address: 'juergen@example.com' },
    subject: 'Freigabe\r\nBcc: all@example.com',
    text: 'Ansehen:\nhttps://hold.example/a',
    html: '<p>Ansehen</p>',
  };

  it('hands over one MIME mail of text and HTML, to one person only', async () => {
    const { asked, mailer } = given(Response.json({ MessageId: 'm1' }));
    expect(await mailer.send(mail)).toEqual({ message: 'm1' });
    expect(asked[0]).toMatchObject({ method: 'POST', url: 'https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails' });
    expect(asked[0]?.headers.get('authorization')).toContain('/eu-west-1/ses/aws4_request');
    const input = JSON.parse(asked[0]?.body ?? '') as { Content: { Raw: { Data: string } } };
    expect(input).toMatchObject({
      FromEmailAddress: 'Holdpoint <holdpoint@example.com>',
      Destination: { ToAddresses: ['juergen@example.com'] },
      ConfigurationSetName: 'holdpoint-production',
      EmailTags: [
        { Name: 'run', Value: '20260302-080000-abcdefghij' },
        { Name: 'notification', Value: 'gate-overdue' },
        { Name: 'person', Value: 'p-1' },
      ],
    });
    const mime = Buffer.from(input.Content.Raw.Data, 'base64').toString('utf8');
    const [head = '', ...body] = mime.split('\r\n\r\n');
    expect(head).toMatch(/^From: Holdpoint <holdpoint@example\.com>$/m);
    expect(head).toMatch(/^To: .*<juergen@example\.com>$/m);
    expect(head).toMatch(/^Auto-Submitted: auto-generated$/im);
    expect(head).toMatch(/multipart\/alternative/);
    expect(head).not.toMatch(/^Bcc:/m);
    expect(body.join('\n')).toContain('text/plain; charset=utf-8');
    expect(body.join('\n')).toContain('https://hold.example/a');
    expect(body.join('\n')).toContain('text/html; charset=utf-8');
    expect(body.join('\n')).toContain('<p>Ansehen</p>');
  });

  it('throws when the mail was not taken', async () => {
    const { mailer } = given(Response.json({}), restRefusal(400, 'SendingPausedException'));
    await expect(mailer.send(mail)).rejects.toThrow('message id');
    await expect(mailer.send(mail)).rejects.toMatchObject({ name: 'SendingPausedException' });
  });
});

describe('MAC on KMS', () => {
  const given = (...answers: readonly Response[]) => {
    const server = awsServer(...answers);
    return { ...server, kmsMac: createKmsMac(server.call, { key: 'key-1' }) };
  };
  const bytes = Buffer.alloc(32, 7);
  const [mac, Mac] = [bytes.toString('base64url'), bytes.toString('base64')];

  it('makes and checks a MAC with the key', async () => {
    const { asked, kmsMac } = given(Response.json({ Mac }), Response.json({ MacValid: true }));
    expect(await kmsMac.sign('text')).toBe(mac);
    expect(await kmsMac.verify('text', mac)).toBe(true);
    const common = { KeyId: 'key-1', MacAlgorithm: 'HMAC_SHA_256', Message: Buffer.from('text').toString('base64') };
    expect(asked.map(({ url, headers, body }) => [url, headers.get('x-amz-target'), JSON.parse(body)])).toEqual([
      ['https://kms.eu-central-1.amazonaws.com/', 'TrentService.GenerateMac', common],
      ['https://kms.eu-central-1.amazonaws.com/', 'TrentService.VerifyMac', { ...common, Mac }],
    ]);
  });

  it('is false for an invalid MAC and throws what means unknown', async () => {
    const { kmsMac } = given(
      jsonRefusal('KMSInvalidMacException'),
      Response.json({ MacValid: false }),
      Response.json({}),
      new Response('not JSON'),
      jsonRefusal('NotFoundException'),
    );
    for (let n = 0; n < 4; n += 1) expect(await kmsMac.verify('text', mac)).toBe(false);
    await expect(kmsMac.verify('text', mac)).rejects.toMatchObject({ name: 'NotFoundException' });
  });

  it('rejects without a call what cannot be a MAC', async () => {
    const { asked, kmsMac } = given(Response.json({}));
    expect(await kmsMac.verify('text', mac.slice(2))).toBe(false);
    expect(asked).toHaveLength(0);
    await expect(kmsMac.sign('text')).rejects.toThrow('no MAC');
  });
});
