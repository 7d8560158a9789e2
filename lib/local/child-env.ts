import { join } from 'node:path';
import { LocalFault } from './error-document.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** One invented account and region; the credentials open nothing anywhere. */
export const localAccount = '000000000000';
export const localRegion = 'us-east-1';

/**
 * The environment of every process that the local stage starts: none of the caller's AWS settings (profile, configuration, single
 * sign-on, endpoints, web identity), dummy credentials instead, and no asking of instance metadata. Nothing that runs locally can
 * reach a real account by mistake. Settings of the logger are left out, too: what a run costs is counted from log lines as they are.
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
    // Files that do not exist: the real ones are never read.
    AWS_CONFIG_FILE: join(folder, 'no-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-aws-credentials'),
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...(endpoint === undefined ? {} : { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint }),
  };
};

const loopback = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * The endpoint that the user has set, without a slash at the end; undefined when the local stage starts its own. One that is not on
 * this machine could be anybody's account: it is used only when the command line repeats it.
 */
export const endpointOf = (env: Env, repeated?: string): string | undefined => {
  const set = env.AWS_ENDPOINT_URL?.trim();
  if (set === undefined || set === '') {
    if (repeated === undefined) return undefined;
    throw new LocalFault(
      'endpoint-refused',
      `--endpoint ${repeated} repeats an endpoint that is not set; set AWS_ENDPOINT_URL to it as well, or leave both out to have a local AWS started.`,
    );
  }
  const url = URL.canParse(set) ? new URL(set) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '') {
    throw new LocalFault(
      'endpoint-refused',
      `AWS_ENDPOINT_URL is ${set}, which is no address of a server; set it to one such as http://localhost:4566, or unset it to have a local AWS started.`,
    );
  }
  if (!loopback.test(url.hostname) && trimmed(repeated ?? '') !== url.origin) {
    throw new LocalFault(
      'endpoint-refused',
      `AWS_ENDPOINT_URL is ${url.origin}, which is not on this machine; unset it to have a local AWS started, or add --endpoint ${url.origin} if you mean it.`,
    );
  }
  return url.origin;
};

const trimmed = (text: string): string => (URL.canParse(text) ? new URL(text).origin : text);
