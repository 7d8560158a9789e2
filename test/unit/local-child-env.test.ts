import { describe, expect, test } from 'vitest';
import { childEnv, endpointOf } from '../../lib/local/child-env.ts';
import { LocalFault } from '../../lib/local/local-fault.ts';

describe('the environment of a child process', () => {
  const env = {
    PATH: '/bin',
    AWS_PROFILE: 'work',
    AWS_SESSION_TOKEN: 'real',
    CDK_DEFAULT_ACCOUNT: '123456789012',
    aws_ca_bundle: '/ca',
    POWERTOOLS_DEV: 'true',
    UNSET: undefined,
  };

  test('has none of the AWS settings of the user who starts it', () => {
    const child = childEnv(env, '/stage');
    expect(Object.keys(child)).not.toEqual(expect.arrayContaining(['AWS_PROFILE']));
    expect(child).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(child).not.toHaveProperty('CDK_DEFAULT_ACCOUNT');
    expect(child).not.toHaveProperty('aws_ca_bundle');
    expect(child).not.toHaveProperty('POWERTOOLS_DEV');
    expect(child).not.toHaveProperty('AWS_ENDPOINT_URL');
  });

  test('has dummy credentials, missing configuration files, and everything else unchanged', () => {
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

  test('names the stage that started it, also when a test of that stage starts a stage of its own', () => {
    const child = childEnv(env, '/stage');
    expect(child.HOLDPOINT_LOCAL_FOLDER).toBe('/stage');
    expect(childEnv(child, '/stage-of-a-test').HOLDPOINT_LOCAL_FOLDER).toBe('/stage');
  });
});

describe('AWS_ENDPOINT_URL', () => {
  test.each([
    ['http://localhost:4566', 'http://localhost:4566'],
    ['http://localhost:4566/', 'http://localhost:4566'],
    [' http://127.0.0.1:4566 ', 'http://127.0.0.1:4566'],
    ['http://[::1]:4566', 'http://[::1]:4566'],
    ['http://aws.localhost:4566', 'http://aws.localhost:4566'],
  ])('%s is on this machine, so it is used', (set, used) => {
    expect(endpointOf({ AWS_ENDPOINT_URL: set })).toBe(used);
  });

  test.each([{}, { AWS_ENDPOINT_URL: '' }])('%j: not set, so an emulator is started', (env) => {
    expect(endpointOf(env)).toBeUndefined();
  });

  test.each([
    'https://dynamodb.eu-west-1.amazonaws.com',
    'http://10.0.0.7:4566',
    'http://localhost.example.com:4566',
    'http://127.0.0.1.example.com',
  ])('%s is on another machine, so it is refused', (set) => {
    expect(() => endpointOf({ AWS_ENDPOINT_URL: set })).toThrow(LocalFault);
    expect(() => endpointOf({ AWS_ENDPOINT_URL: set })).toThrow(/not on this machine.*--endpoint/);
  });

  test('on another machine, it is used only when --endpoint repeats it', () => {
    const env = { AWS_ENDPOINT_URL: 'http://10.0.0.7:4566' };
    expect(endpointOf(env, 'http://10.0.0.7:4566/')).toBe('http://10.0.0.7:4566');
    expect(() => endpointOf(env, 'http://10.0.0.8:4566')).toThrow(/not on this machine/);
  });

  test.each(['localhost:4566', 'ftp://localhost', 'http://localhost:4566/path', 'not an address'])(
    '%s is not the address of a server',
    (set) => {
      expect(() => endpointOf({ AWS_ENDPOINT_URL: set })).toThrow(/not the address of a server/);
    },
  );

  test('--endpoint without it is an error', () => {
    expect(() => endpointOf({}, 'http://localhost:4566')).toThrow(/not set/);
  });
});
