import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AuthorityKind } from '../../lib/audit/event-definition.ts';
import { createTrail } from '../../lib/audit/trail.ts';
import { commitPagesOf } from '../../lib/checklist/commit-pages.ts';
import { type DeployedStage, deployedStageSchema } from '../../lib/checklist/stage.ts';
import type { CloudWatchReader, PlatformHistory, PlatformReader } from '../../lib/collectors/ports.ts';
import type {
  ActuatorFunction,
  AuditTrail,
  Clock,
  Collector,
  DeadLetterQueue,
  DeadLetters,
  DueItems,
  EndedSessions,
  EvidenceStore,
  Functions,
  Idempotency,
  Mac,
  Pager,
  PeopleStore,
  Quotas,
  Random,
  Reconciler,
  RunIndex,
  Schedules,
  StageFacts,
  StartedRuns,
  TokenStore,
} from '../../lib/ports.ts';
import type { EvidenceAddresses, Intake, IntakeObjects, Uploads } from '../../lib/uploads.ts';
import { type Aws, type AwsAccess, type AwsRequest, createAwsCall } from '../adapters/aws-call.ts';
import { type BilledRequest, createRequestCounts } from '../adapters/billed-requests.ts';
import { createCloudWatchReader } from '../adapters/cloudwatch-reader.ts';
import { reportUsage } from '../adapters/consumed-capacity.ts';
import { createDynamoDueItems } from '../adapters/dynamo-due-items.ts';
import { createDynamoEndedSessions } from '../adapters/dynamo-ended-sessions.ts';
import { createDynamoIdempotency } from '../adapters/dynamo-idempotency.ts';
import { createDynamoLaneStore } from '../adapters/dynamo-lane-store.ts';
import { createDynamoPeople } from '../adapters/dynamo-people.ts';
import { createDynamoQuotas } from '../adapters/dynamo-quotas.ts';
import { createDynamoRunIndex } from '../adapters/dynamo-run-index.ts';
import { createDynamoStartedRuns } from '../adapters/dynamo-started-runs.ts';
import { createDynamoTokens } from '../adapters/dynamo-tokens.ts';
import { createDynamoUploads } from '../adapters/dynamo-uploads.ts';
import { inTime, sdkTimes } from '../adapters/in-time.ts';
import { createKmsAuthority } from '../adapters/kms-authority.ts';
import { createKmsMac } from '../adapters/kms-mac.ts';
import { createLambdaActuator, createLambdaCollector } from '../adapters/lambda-collector.ts';
import { createLambdaFunctions } from '../adapters/lambda-functions.ts';
import { createLambdaReconciler } from '../adapters/lambda-reconciler.ts';
import { createPlatformHistory } from '../adapters/platform-history.ts';
import { createPlatformReader } from '../adapters/platform-reader.ts';
import { createRememberedMac } from '../adapters/remembered-mac.ts';
import { createPresign, createS3, type S3 } from '../adapters/s3.ts';
import { createS3Evidence, createS3EvidenceAddresses } from '../adapters/s3-evidence.ts';
import { createS3Intake, createS3IntakeObjects } from '../adapters/s3-intake.ts';
import { createSchedules, type SchedulesConfig } from '../adapters/scheduler-schedules.ts';
import { readSecret } from '../adapters/secrets-manager.ts';
import { createSnsPager } from '../adapters/sns-pager.ts';
import { createSqsDeadLetters } from '../adapters/sqs-dead-letters.ts';
import { createTally } from '../adapters/usage.ts';
import { defaultProvider } from './credentials.ts';
import { awsEndpointOf, s3EndpointOf } from './env.ts';
import { leftMs } from './time-left.ts';

/**
 * The production implementations of `Dependencies`. Each is a function of its own, so that a bundle carries only the clients that its
 * function uses; a client is made at its first use, so that a cold start makes no other.
 */
export const lazily = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** DynamoDB usage of this invocation; the handler writes it into its log line. */
export const tally = /* @__PURE__ */ createTally();
/** Other requests of this invocation that AWS bills by the piece; the handler writes them into its log line, too. */
export const requestCounts = /* @__PURE__ */ createRequestCounts();

const dynamo = /* @__PURE__ */ lazily(() => {
  const client = inTime(new DynamoDBClient({ requestHandler: sdkTimes }), leftMs);
  reportUsage(client, tally.add);
  return client;
});
const s3 = /* @__PURE__ */ lazily((): S3 => {
  const send = createS3({ ...s3EndpointOf(process.env), credentials: defaultProvider(), clock, leftMs });
  return (request) => {
    // Deleting costs nothing.
    if (request.method !== 'DELETE') requestCounts.add(request.method === 'PUT' ? 'objectsWritten' : 'objectsRead');
    return send(request);
  };
});

export const clock: Clock = { now: () => new Date() };
const billedAs: Readonly<Partial<Record<AwsRequest['service'], BilledRequest>>> = {
  kms: 'keyRequests',
  monitoring: 'figuresRead',
  scheduler: 'schedules',
  sns: 'pages',
};
/** Of metrics AWS bills each one that a request asks for. */
const piecesOf = ({ input }: AwsRequest): number =>
  'MetricDataQueries' in input && Array.isArray(input.MetricDataQueries) ? input.MetricDataQueries.length : 1;
/** Signed requests, with the rights of the function or of a role. */
export const liveAws = (given: Pick<AwsAccess, 'session' | 'tries' | 'tryMs'>): Aws => {
  const aws = createAwsCall({ ...awsEndpointOf(process.env), credentials: defaultProvider(), clock, leftMs, ...given });
  return {
    ...aws,
    call: (place, request) => {
      const billed = billedAs[request.service];
      if (billed !== undefined) requestCounts.add(billed, piecesOf(request));
      return aws.call(place, request);
    },
  };
};
/** Longer than AWS takes: a request that is sent again too early makes a busy service busier. Where the function has less time, its tries share that. Milliseconds. */
const ownTryMs = 15_000;
export const ownAws = /* @__PURE__ */ lazily(() => liveAws({ tryMs: ownTryMs }));
export const random: Random = {
  token: (bytes) => randomBytes(bytes).toString('base64url'),
  fraction: () => randomBytes(4).readUInt32BE(0) / 2 ** 32,
};

/** The stage's configuration without its people, which the bundler puts beside the bundle. */
export const readStage = /* @__PURE__ */ lazily((): DeployedStage => {
  const file = process.env.STAGE_FILE ?? new URL('./stage.json', import.meta.url);
  return deployedStageSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
});
export const stageFacts = ({ name, waitScale, local, publicUrl, services, chat, issuers }: DeployedStage): StageFacts => ({
  name,
  waitScale,
  local,
  publicUrl,
  chat: chat === undefined ? null : { zone: chat.zone },
  commitPages: commitPagesOf({ issuers }),
  environments: Object.fromEntries(services.map((service) => [service.name, service.environments])),
  targets: Object.fromEntries(services.map((service) => [service.name, service.targets ?? {}])),
  resources: Object.fromEntries(services.map((service) => [service.name, service.resources ?? []])),
  callbacks: Object.fromEntries(
    services.map(({ name: service, callbacks = [] }) => [
      service,
      callbacks.map(({ id, environments, gates }) => ({ id, environments, gates })),
    ]),
  ),
  protectionRules: Object.fromEntries(
    services.map(({ name: service, protectionRules = [] }) => [
      service,
      protectionRules.map(({ id, environment, gate }) => ({ id, environment, gate })),
    ]),
  ),
  freezes: Object.fromEntries(services.map((service) => [service.name, service.freezes ?? []])),
});

type TrailEnv = Readonly<Record<'AUDIT_TABLE' | 'PEOPLE_KEY_ID' | 'RECONCILER_KEY_ID', string>>;
/** `signsFor`: the kind of events that this function alone may record; null for a function that only verifies them. */
export const liveTrail = (env: TrailEnv, signsFor: AuthorityKind | null): AuditTrail =>
  createTrail({
    store: createDynamoLaneStore(dynamo(), { table: env.AUDIT_TABLE }),
    authority: createKmsAuthority({ people: liveMac(env.PEOPLE_KEY_ID), reconciler: liveMac(env.RECONCILER_KEY_ID) }, { signsFor }),
    clock,
    random,
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
  });
export const liveIndex = (table: string): RunIndex => createDynamoRunIndex(dynamo(), { table });
export const liveStartedRuns = (table: string): StartedRuns => createDynamoStartedRuns(dynamo(), { table });
export const liveDue = (table: string): DueItems => createDynamoDueItems(dynamo(), { table });
export const livePeople = (table: string): PeopleStore => createDynamoPeople(dynamo(), { table, random });
export const liveTokens = (table: string): TokenStore => createDynamoTokens(dynamo(), { table, clock });
export const liveIdempotency = (table: string): Idempotency => createDynamoIdempotency(dynamo(), { table });
export const liveEndedSessions = (table: string): EndedSessions => createDynamoEndedSessions(dynamo(), { table });
/** Reads the secret of the web client at the people's provider, for a stage that has one. */
export const liveClientSecret = (arn: string): Promise<string> => readSecret(ownAws().call, arn);
/** In the table of the idempotency keys. */
export const liveQuotas = (table: string): Quotas => createDynamoQuotas(dynamo(), { table });
export const liveEvidence = (bucket: string): EvidenceStore => createS3Evidence(s3(), { bucket });
/** How uploads stand, in the table of the idempotency keys. */
export const liveUploads = (table: string): Uploads => createDynamoUploads(dynamo(), { table });
const presign = () => createPresign({ ...s3EndpointOf(process.env), credentials: defaultProvider(), clock });
export const liveIntake = (bucket: string): Intake => createS3Intake(presign(), { bucket });
export const liveEvidenceAddresses = (bucket: string): EvidenceAddresses => createS3EvidenceAddresses(presign(), { bucket });
export const liveIntakeObjects = (bucket: string): IntakeObjects => createS3IntakeObjects(s3(), { bucket });
const liveMac = (key: string): Mac => createKmsMac(ownAws().call, { key });
/** For what a browser brings back within minutes. The trail remembers the events that it has verified by itself. */
export const liveRememberedMac = (key: string): Mac => createRememberedMac(liveMac(key), clock);
export const liveReconciler = (functionName: string): Reconciler => createLambdaReconciler(ownAws().call, { functionName });
export const liveCollector = (functionName: string): Collector => createLambdaCollector(ownAws().call, { functionName });
export const liveActuator = (functionName: string): ActuatorFunction => createLambdaActuator(ownAws().call, { functionName });
export const livePager = (topic: string): Pager => createSnsPager(ownAws().call, { topic });
export const liveFunctions = (): Functions => createLambdaFunctions(ownAws().call);
/** One try: the sweep asks again in a minute. */
export const liveDeadLetters = (urls: Readonly<Record<DeadLetterQueue | 'parked', string>>): DeadLetters =>
  createSqsDeadLetters(liveAws({ tries: 1 }).call, urls);
export const liveSchedules = (given: Omit<SchedulesConfig, 'clock'>): Schedules => createSchedules(ownAws().call, { ...given, clock });

const observed = /* @__PURE__ */ lazily(() => liveAws({ session: 'holdpoint-collector' }));
export const liveCloudWatch = (): CloudWatchReader => createCloudWatchReader(observed().call);
export const liveHistory = (): PlatformHistory => createPlatformHistory(observed().call);
export const livePlatform = (): PlatformReader => createPlatformReader(observed().call);
