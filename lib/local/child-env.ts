import { join } from 'node:path';
import { LocalFault } from './local-fault.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The emulator's account and region. The dummy credentials are valid nowhere else. */
export const localAccount = '000000000000';
export const localRegion = 'us-east-1';

/** Names the local stage on whose behalf a process runs: its folder. */
export const folderVariable = 'HOLDPOINT_LOCAL_FOLDER';

/**
 * The environment of every process that the local stage starts: the caller's AWS settings are removed, the credentials are dummies, and
 * instance metadata is disabled, so that nothing local can reach a real account by mistake. Powertools settings are removed too, because
 * the demo counts a run's cost from log lines in their default form.
 */
export const childEnv = (env: Env, folder: string, endpoint?: string): Record<string, string> => {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(AWS|CDK|AMAZON|POWERTOOLS)_/i.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // These files do not exist, so the SDK does not read the user's own.
    AWS_CONFIG_FILE: join(folder, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-aws-credentials'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    // By this, `local down` finds what a killed command left running. Tests that the demo runs start stages of their own: they are its, too.
    [folderVariable]: env[folderVariable] ?? folder,
    ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint }),
  };
};

const loopback = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * The origin of `AWS_ENDPOINT_URL`, or undefined when it is not set and the local stage starts its own emulator. An endpoint on another
 * machine could belong to a real account, so it is used only when the option `--endpoint` repeats it.
 */
export const endpointOf = (env: Env, repeated?: string): string | undefined => {
  const set = env.AWS_ENDPOINT_URL?.trim();
  if (set === undefined || set === '') {
    if (repeated === undefined) return undefined;
    throw new LocalFault(
      'endpoint-refused',
      `--endpoint is ${repeated}, but AWS_ENDPOINT_URL is not set; set it to the same address, or leave both out so that a local AWS is started.`,
    );
  }
  const url = URL.canParse(set) ? new URL(set) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw new LocalFault(
      'endpoint-refused',
      `AWS_ENDPOINT_URL is ${set}, which is not the address of a server; set it to an address such as http://localhost:4566, or unset it so that a local AWS is started.`,
    );
  }
  if (!loopback.test(url.hostname) && originOf(repeated ?? '') !== url.origin) {
    throw new LocalFault(
      'endpoint-refused',
      `AWS_ENDPOINT_URL is ${url.origin}, which is not on this machine; unset it so that a local AWS is started, or add --endpoint ${url.origin} to confirm it.`,
    );
  }
  return url.origin;
};

const originOf = (text: string): string => (URL.canParse(text) ? new URL(text).origin : text);
