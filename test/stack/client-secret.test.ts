import { expect, test } from 'vitest';
import { factsOf } from '../../lib/lambda-manifest.ts';
import { ofType, realStage, resourcesOf, templatesOf } from './synthesised.ts';

const clientSecretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:holdpoint/web-client-AbCdEf';
const withSecret = {
  ...realStage,
  issuers: realStage.issuers.map((one) => (one.kind === 'people' ? { ...one, clientSecretArn } : one)),
};
const reading = (stage: typeof realStage) =>
  ofType(resourcesOf(templatesOf(stage).app), 'AWS::IAM::Policy').flatMap(([id, { Properties }]) =>
    (Properties.PolicyDocument as { Statement: readonly { Action: unknown; Resource: unknown }[] }).Statement.filter(({ Action }) =>
      JSON.stringify(Action).includes('secretsmanager'),
    ).map(({ Action, Resource }) => [id.replace(/Grants.*/, ''), Action, Resource]),
  );

test('the people function alone may read the client secret, and only where there is one', () => {
  expect(factsOf('api-people').grants.map(({ on }) => on)).toContain('client-secret');
  expect(reading(realStage)).toEqual([]);
  expect(reading(withSecret)).toEqual([['apipeople', 'secretsmanager:GetSecretValue', clientSecretArn]]);
});

test('the reconciler alone may read the address of the chat, and only where there is one', () => {
  const webhookSecretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:holdpoint/chat-AbCdEf';
  expect(reading({ ...realStage, chat: { webhookSecretArn } })).toEqual([
    ['eventreconciler', 'secretsmanager:GetSecretValue', webhookSecretArn],
  ]);
});

test('the reconciler alone may read the secrets of the callbacks', () => {
  const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:holdpoint/callback-AbCdEf';
  const services = realStage.services.map((service) => ({
    ...service,
    callbacks: [{ kind: 'https' as const, id: 'deploy', secretArn, privateAddresses: false }],
  }));
  expect(reading({ ...realStage, services })).toEqual([['eventreconciler', 'secretsmanager:GetSecretValue', secretArn]]);
});

test('the reconciler alone may read the private key of an app, and the webhooks function alone its webhook secret', () => {
  const arn = (name: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:holdpoint/${name}-AbCdEf`;
  const services = realStage.services.map((service) => ({
    ...service,
    protectionRules: [
      {
        id: 'deploy',
        repository: 'acme/shop',
        environment: 'production',
        gate: 't-minus-2h',
        app: '1',
        installation: 1,
        secretArn: arn('app-key'),
        webhookSecretArn: arn('webhook'),
        api: 'https://api.github.com',
        privateAddresses: false,
      },
    ],
  }));
  expect(reading({ ...realStage, services })).toEqual([
    ['eventreconciler', 'secretsmanager:GetSecretValue', arn('app-key')],
    ['apiwebhooks', 'secretsmanager:GetSecretValue', arn('webhook')],
  ]);
});
