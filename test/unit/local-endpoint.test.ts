import { describe, expect, test } from 'vitest';
import { childEnv, endpointOf } from '../../lib/local/child-env.ts';
import { LocalFault } from '../../lib/local/error-document.ts';

describe('what a child of the local stage is told', () => {
  const env = {
    PATH: '/bin',
    AWS_PROFILE: 'work',
    AWS_SESSION_TOKEN: 'real',
    CDK_DEFAULT_ACCOUNT: '123456789012',
    aws_ca_bundle: '/ca',
    POWERTOOLS_DEV: 'true',
    UNSET: undefined,
  };

  test('none of the settings of the AWS user that starts it', () => {
    const child = childEnv(env, '/stage');
    expect(Object.keys(child)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
    expect(child).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(child).not.toHaveProperty('CDK_DEFAULT_ACCOUNT');
    expect(child).not.toHaveProperty('aws_ca_bundle');
    expect(child).not.toHaveProperty('POWERTOOLS_DEV');
    expect(child).not.toHaveProperty('AWS_ENDPOINT_URL');
  });

  test('dummy credentials, files that do not exist, and the rest as it is', () => {
    expect(childEnv(env, '/stage', 'http://localhost:4566')).toMatchObject({
      PATH: '/bin',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CONFIG_FILE: '/stage/no-aws-config',
      AWS_SHARED_CREDENTIALS_FILE: '/stage/no-aws-credentials',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: 'http://localhost:4566',
    });
  });
});

describe('the endpoint that is set', () => {
  test.each([
    ['http://localhost:4566', 'http://localhost:4566'],
    ['http://localhost:4566/', 'http://localhost:4566'],
    [' http://127.0.0.1:4566 ', 'http://127.0.0.1:4566'],
    ['http://[::1]:4566', 'http://[::1]:4566'],
    ['http://aws.localhost:4566', 'http://aws.localhost:4566'],
  ])('%s is on this machine and used', (set, used) => {
    expect(endpointOf({ AWS_ENDPOINT_URL: set })).toBe(used);
  });

  test.each([{}, { AWS_ENDPOINT_URL: '' }])('none means that one is started', (env) => {
    expect(endpointOf(env)).toBeUndefined();
  });

  test.each([
    'https://dynamodb.eu-west-1.amazonaws.com',
    'http://10.0.0.7:4566',
    'http://localhost.example.com:4566',
    'http://127.0.0.1.example.com',
  ])('%s is elsewhere and refused', (set) => {
    expect(() => endpointOf({ AWS_ENDPOINT_URL: set })).toThrow(LocalFault);
    expect(() => endpointOf({ AWS_ENDPOINT_URL: set })).toThrow(/not on this machine.*--endpoint/);
  });

  test('elsewhere, it is used when --endpoint repeats it, and only it', () => {
    const env = { AWS_ENDPOINT_URL: 'http://10.0.0.7:4566' };
    expect(endpointOf(env, 'http://10.0.0.7:4566/')).toBe('http://10.0.0.7:4566');
    expect(() => endpointOf(env, 'http://10.0.0.8:4566')).toThrow(/not on this machine/);
  });

  test.each(['localhost:4566', 'ftp://localhost', 'http://localhost:4566/path', 'not an address'])(
    '%s is no address of a server',
    (set) => {
      expect(() => endpointOf({ AWS_ENDPOINT_URL: set })).toThrow(/no address of a server/);
    },
  );

  test('repeating one that is not set is a mistake', () => {
    expect(() => endpointOf({}, 'http://localhost:4566')).toThrow(/not set/);
  });
});
