import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import * as z from 'zod';
import type { ProtectionRule } from '../../lib/checklist/protection-rules.ts';
import { type DialDependencies, dial } from '../../lib/collectors/dial.ts';
import type { ProtectionRules } from '../../lib/ports.ts';

/** Of each request. Milliseconds. */
const limitMs = 5_000;
/** GitHub takes ten minutes at most, and asks for a minute of tolerance for clocks. Seconds. */
const tokenSeconds = { before: 60, after: 300 } as const;
const mostBytes = 256 * 1024;

type Parts = DialDependencies & {
  /** Rules by service. */
  readonly rules: Readonly<Record<string, readonly ProtectionRule[]>>;
  /** Reads the text of a secret. It is read for each answer: a replaced key counts at once, and answers are few. */
  readonly readSecret: (arn: string) => Promise<string>;
};

const tokenSchema = z.object({ token: z.string().regex(/^[\x21-\x7e]{1,1000}$/) });
const pipelineSchema = z.object({ head_sha: z.string(), status: z.string().nullable(), repository: z.object({ full_name: z.string() }) });

/**
 * Answers jobs at GitHub as the app of the rule. GitHub is asked first of which commit the pipeline is, because a webhook that anybody could have
 * sent must approve nothing. Each answer uses a token of its own, for this repository and these rights alone. Neither the key nor the token
 * stands in an error.
 * https://docs.github.com/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
 */
export const createProtectionRules = ({ rules, readSecret, ...deps }: Parts): ProtectionRules => ({
  answer: async (id, { service, pipeline, commit, state, comment }) => {
    const rule = rules[service]?.find((one) => one.id === id);
    if (rule === undefined) throw new Error(`${service} has no protection rule ${id}`);
    const bearer = await appToken(deps, rule, keyOf(rule, await readSecret(rule.secretArn)));
    const request = requesterOf(deps, rule);
    const { token } = parsedAs(
      rule,
      tokenSchema,
      await request('POST', `/app/installations/${rule.installation}/access_tokens`, bearer, rights(rule)),
    );
    const address = `/repos/${rule.repository}/actions/runs/${pipeline}`;
    const found = parsedAs(rule, pipelineSchema, await request('GET', address, token));
    if (found.status === 'completed') return 'over';
    const isOther = found.head_sha !== commit || found.repository.full_name.toLowerCase() !== rule.repository.toLowerCase();
    const answer = isOther ? { state: null, comment: otherCommit(found.head_sha, commit) } : { state, comment };
    await request('POST', `${address}/deployment_protection_rule`, token, {
      environment_name: rule.protects ?? rule.environment,
      ...(answer.state === null ? {} : { state: answer.state }),
      comment: answer.comment,
    });
    return isOther ? 'other-commit' : 'taken';
  },
});

const rights = ({ repository }: ProtectionRule) => ({
  repositories: [repository.split('/')[1]],
  permissions: { actions: 'read', deployments: 'write' },
});

const otherCommit = (got: string, expected: string): string =>
  `Holdpoint does not answer this job: GitHub says that its pipeline is of the commit ${got.slice(0, 64)}, and the webhook named ${expected}.`;

/** GitHub gives the key as PKCS #1. */
const keyOf = ({ id }: ProtectionRule, text: string): KeyObject => {
  try {
    const key = createPrivateKey(text.trim());
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // The reason of the library could quote the text.
  }
  throw new Error(`the secret of the protection rule ${id} is no private RSA key in PEM`);
};

/** https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
const appToken = ({ clock }: DialDependencies, { app }: ProtectionRule, key: KeyObject): Promise<string> => {
  const now = Math.floor(clock.now().getTime() / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(app)
    .setIssuedAt(now - tokenSeconds.before)
    .setExpirationTime(now + tokenSeconds.after)
    .sign(key);
};

type Request = (method: 'GET' | 'POST', path: string, token: string, body?: object) => Promise<Uint8Array>;

const requesterOf =
  (deps: DialDependencies, { id, api, privateAddresses }: ProtectionRule): Request =>
  async (method, path, token, body) => {
    const answer = await dial(deps, {
      url: `${api}${path}`,
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'holdpoint',
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      timeoutMs: limitMs,
      maxBytes: mostBytes,
      privateAddresses,
      // A redirect could lead elsewhere; the address in the stage file is where the token goes.
      unfollowed: [301, 302, 303, 307, 308],
    });
    const where = `the protection rule ${id}: GitHub, ${method} ${path}`;
    if ('failed' in answer) throw new Error(`${where}: ${answer.failed.replaceAll(token, '…')}`);
    if (answer.status < 200 || answer.status > 299) throw new Error(`${where}: answered with status ${answer.status}`);
    return answer.body;
  };

const parsedAs = <T>({ id }: ProtectionRule, schema: z.ZodType<T>, bytes: Uint8Array): T => {
  const read = schema.safeParse(jsonOf(bytes));
  if (read.success) return read.data;
  throw new Error(
    `the protection rule ${id}: GitHub answered without ${read.error.issues.map(({ path }) => path.join('.') || 'JSON').join(', ')}`,
  );
};

const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
};
