import * as z from 'zod';
import type { S3Place } from '../adapters/s3.ts';

const text = z.string().min(1);
const variables = z.object({
  AUDIT_TABLE: text,
  RUNS_TABLE: text,
  PEOPLE_TABLE: text,
  TOKENS_TABLE: text,
  IDEMPOTENCY_TABLE: text,
  EVIDENCE_BUCKET: text,
  STATE_MACHINE_ARN: text,
  RECONCILER_FUNCTION: text,
  SCHEDULE_GROUP: text,
  SCHEDULE_ROLE_ARN: text,
  SCHEDULE_DLQ_ARN: text,
  /** The configuration set that every mail names. */
  MAIL_SET: text,
  /** Seals sessions, login states and form nonces: the people function makes and checks, the authorizer checks. */
  SESSION_KEY_ID: text,
  /** Seals cursors. Another key than the one of the sessions: the function that only reads must not be able to make a session. */
  CURSOR_KEY_ID: text,
  /** Vouches for what people say and decide: the people function signs, every function that reads the trail verifies. */
  PEOPLE_KEY_ID: text,
  /** Vouches for what the reconciler decides and sends. */
  RECONCILER_KEY_ID: text,
});
export type Variable = keyof z.infer<typeof variables>;

const trail = ['AUDIT_TABLE', 'PEOPLE_KEY_ID', 'RECONCILER_KEY_ID'] as const;
/** What each function is told, and nothing else. A variable that is missing is named at the first call. */
export const needed = {
  'api-authorizer': ['SESSION_KEY_ID'],
  'api-ci': [...trail, 'RUNS_TABLE', 'PEOPLE_TABLE', 'IDEMPOTENCY_TABLE', 'EVIDENCE_BUCKET', 'STATE_MACHINE_ARN', 'RECONCILER_FUNCTION'],
  'api-people': [...trail, 'RUNS_TABLE', 'PEOPLE_TABLE', 'IDEMPOTENCY_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION', 'SESSION_KEY_ID'],
  'api-audit': [...trail, 'RUNS_TABLE', 'EVIDENCE_BUCKET', 'CURSOR_KEY_ID'],
  'task-opener': [...trail, 'RUNS_TABLE', 'TOKENS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
  'event-reconciler': [
    ...trail,
    'RUNS_TABLE',
    'TOKENS_TABLE',
    'EVIDENCE_BUCKET',
    'STATE_MACHINE_ARN',
    'SCHEDULE_GROUP',
    'SCHEDULE_ROLE_ARN',
    'SCHEDULE_DLQ_ARN',
    'MAIL_SET',
  ],
  'event-feed': [...trail, 'RUNS_TABLE', 'EVIDENCE_BUCKET', 'RECONCILER_FUNCTION'],
  'event-sweep': ['RUNS_TABLE', 'RECONCILER_FUNCTION'],
} as const satisfies Readonly<Record<string, readonly Variable[]>>;
/** Where S3 is, by the same variables that the SDK's clients read: those of the function's platform, or of the local stage. */
export const s3PlaceOf = (env: Readonly<Record<string, string | undefined>>): S3Place => {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (!region) throw new Error('S3: AWS_REGION is not set');
  return { region, endpoint: env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined };
};

export type FunctionName = keyof typeof needed;
export type EnvOf<F extends FunctionName> = Readonly<Record<(typeof needed)[F][number], string>>;

export const envOf = <F extends FunctionName>(name: F, env: Readonly<Record<string, string | undefined>>): EnvOf<F> => {
  const mask = Object.fromEntries(needed[name].map((variable) => [variable, true as const]));
  const parsed = variables.pick(mask as never).safeParse(env);
  if (!parsed.success)
    throw new Error(`${name}: environment variables are missing: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`);
  return parsed.data as EnvOf<F>;
};
