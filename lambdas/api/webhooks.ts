import {
  isSignedWith,
  maxWebhookBytes,
  type RuleOfService,
  signatureIn,
  waitingJobIn,
  webhookEvent,
} from '../../lib/api/github-webhook.ts';
import { type Api, createApi, problemResponse } from '../../lib/api/mount.ts';
import { readBody } from '../../lib/api/parse.ts';
import { problemOf, shown } from '../../lib/api/problem.ts';
import { webhooks } from '../../lib/api/webhooks.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { Dependencies } from '../../lib/ports.ts';
import { recordWaitingJob } from '../../lib/run/commands/record-waiting-job.ts';

export type WebhookDependencies = Pick<Dependencies, 'clock' | 'trail' | 'index' | 'due' | 'reconciler'>;

type Parts = {
  readonly deps: WebhookDependencies;
  readonly rules: readonly RuleOfService[];
  /** Reads the text of a secret. A throw means unknown. */
  readonly readSecret: (arn: string) => Promise<string>;
};

/** A secret is read again after so long, so that strangers cannot make Holdpoint ask for it with each request. Milliseconds. */
const keptMs = 60_000;
/** With a shorter secret, or none, others could sign. Characters. */
const shortestSecret = 16;

/** Takes GitHub's webhooks. Nothing of a body is read before one of the stage's secrets has signed it. */
export const webhooksApi = ({ deps, rules, readSecret }: Parts): Api => {
  const api = createApi();
  const secretOf = keptFor(deps, readSecret);
  api.post(webhooks.github.path, async ({ req, env }) => {
    const refused = (refusal: Refusal): Response => problemResponse(problemOf(refusal, env.request));
    const signature = signatureIn(req.header('x-hub-signature-256'));
    if (signature === undefined) return refused(unsigned);
    const body = await readBody({ kind: 'raw', maxBytes: maxWebhookBytes, holds: { name: 'webhook', mediaTypes: [] } }, req.raw);
    if (body.refused !== undefined) return refused(body.refused);
    const { bytes } = body.ok;
    const signed = await signedRules(rules, secretOf, (secret) => isSignedWith(secret, bytes, signature));
    if (signed.length === 0) return refused(unsigned);
    const event = req.header('x-github-event') ?? '';
    // GitHub sends `ping` when the app is made, and whatever else somebody has subscribed to.
    if (event !== webhookEvent) return answered({ recorded: false, reason: `nothing is recorded of the event ${shown(event)}` });
    const type = contentTypeFlaw(req.header('content-type'));
    if (type !== undefined) return refused(type);
    const recorded = await record(deps, waitingJobIn(bytes, signed));
    return recorded.refused === undefined ? answered({ recorded: true, ...recorded.ok }) : refused(recorded.refused);
  });
  return api;
};

const record = async (deps: WebhookDependencies, job: ReturnType<typeof waitingJobIn>) =>
  job.refused === undefined ? recordWaitingJob(deps, job.ok) : job;

const answered = (answer: object): Response =>
  new Response(JSON.stringify(answer), {
    status: 202,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });

const unsigned: Refusal = refuse('unauthenticated', 'The webhook is not signed with a webhook secret of this stage.', {
  expected: 'X-Hub-Signature-256: sha256=<HMAC of the body with the secret that `webhookSecretArn` of a protection rule names>',
  fix: 'Set the same text as the webhook secret of the GitHub App and as the secret in AWS Secrets Manager.',
}).refused;

const contentTypeFlaw = (header = ''): Refusal | undefined => {
  const media = header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (media === 'application/json') return undefined;
  return refuse('content-type', 'The webhook has a content type that is not accepted.', {
    got: media === '' ? 'no Content-Type' : shown(media),
    expected: 'application/json',
    fix: 'Set the content type of the webhook to application/json.',
  }).refused;
};

/** The rules whose secret has signed. A secret that cannot be read is a fault only where no other one has signed. */
const signedRules = async (
  rules: readonly RuleOfService[],
  secretOf: (arn: string) => Promise<string>,
  hasSigned: (secret: string) => boolean,
): Promise<readonly RuleOfService[]> => {
  const arns = [...new Set(rules.map(({ webhookSecretArn }) => webhookSecretArn))];
  const read = await Promise.allSettled(arns.map(secretOf));
  const signing = arns.filter((_, n) => {
    const secret = read[n];
    return secret?.status === 'fulfilled' && hasSigned(secret.value);
  });
  const failed = read.find((one) => one.status === 'rejected');
  if (signing.length === 0 && failed !== undefined) throw failed.reason;
  return rules.filter(({ webhookSecretArn }) => signing.includes(webhookSecretArn));
};

const keptFor = ({ clock }: Pick<Dependencies, 'clock'>, readSecret: Parts['readSecret']): ((arn: string) => Promise<string>) => {
  const kept = new Map<string, { readonly secret: Promise<string>; readonly until: number }>();
  return async (arn) => {
    const now = clock.now().getTime();
    const known = kept.get(arn);
    if (known !== undefined && known.until > now) return known.secret;
    const secret = readSecret(arn).then((text) => {
      if (text.trim().length < shortestSecret) throw new Error(`the webhook secret ${arn} has fewer than ${shortestSecret} characters`);
      return text.trim();
    });
    // What cannot be read is not asked for with each request either.
    kept.set(arn, { secret, until: now + keptMs });
    return secret;
  };
};
