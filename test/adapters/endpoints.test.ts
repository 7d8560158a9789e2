import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { endpointOf } from '../../lambdas/shell/endpoints.ts';

type Resolver = (asked: object) => { readonly url: URL };
const clients = [
  ['dynamodb', DynamoDBClient],
  ['events', EventBridgeClient],
  ['states', SFNClient],
] as const;
const resolverOf = (Client: (typeof clients)[number][1]): Resolver =>
  (new Client({ region: 'eu-central-1' }).config as unknown as { endpointProvider: Resolver }).endpointProvider;

describe.each(clients)('the endpoint of %s', (service, Client) => {
  test.each([
    { Region: 'eu-central-1' },
    { Region: 'us-east-1' },
    { Region: 'us-gov-west-1' },
    { Region: 'cn-north-1' },
    { Region: 'eu-central-1', Endpoint: 'http://127.0.0.1:4566' },
  ])("is the SDK's own: %j", (asked) => {
    const flags = { UseFIPS: false, UseDualStack: false };
    expect(endpointOf(service)({ ...flags, ...asked }).url.href).toBe(resolverOf(Client)({ ...flags, ...asked }).url.href);
  });

  test.each([{ UseFIPS: true }, { UseDualStack: true }, { AccountIdEndpointMode: 'required' }, { EndpointId: 'abc.123' }])(
    'of another kind is refused: %j',
    (kind) => {
      expect(() => endpointOf(service)({ Region: 'eu-central-1', ...kind })).toThrow('regional host only');
    },
  );

  test('needs a region', () => {
    expect(() => endpointOf(service)({})).toThrow('AWS_REGION is not set');
  });
});
