import { beforeAll, describe, expect, test } from 'vitest';
import { createAwsCall } from '../../lambdas/adapters/aws-call.ts';
import { createDefinitions } from '../../lambdas/adapters/definitions-store.ts';
import { createDynamoDueItems } from '../../lambdas/adapters/dynamo-due-items.ts';
import { createDynamoEndedSessions } from '../../lambdas/adapters/dynamo-ended-sessions.ts';
import { createDynamoIdempotency } from '../../lambdas/adapters/dynamo-idempotency.ts';
import { createDynamoLaneStore } from '../../lambdas/adapters/dynamo-lane-store.ts';
import { createDynamoPeople } from '../../lambdas/adapters/dynamo-people.ts';
import { createDynamoQuotas } from '../../lambdas/adapters/dynamo-quotas.ts';
import { createDynamoRunIndex } from '../../lambdas/adapters/dynamo-run-index.ts';
import { createDynamoTokens } from '../../lambdas/adapters/dynamo-tokens.ts';
import { createDynamoUploads } from '../../lambdas/adapters/dynamo-uploads.ts';
import { createKmsAuthority } from '../../lambdas/adapters/kms-authority.ts';
import { createKmsMac } from '../../lambdas/adapters/kms-mac.ts';
import { createPresign, createS3 } from '../../lambdas/adapters/s3.ts';
import { createS3Evidence, createS3EvidenceAddresses } from '../../lambdas/adapters/s3-evidence.ts';
import { createS3Intake, createS3IntakeObjects } from '../../lambdas/adapters/s3-intake.ts';
import { createSchedules } from '../../lambdas/adapters/scheduler-schedules.ts';
import { createSesMailer } from '../../lambdas/adapters/ses-mailer.ts';
import { createSfnWorkflow } from '../../lambdas/adapters/sfn-workflow.ts';
import type { AuthorityKind } from '../../lib/audit/event-definition.ts';
import { digestOf, sha256 } from '../../lib/canonical-json.ts';
import type { EvidenceStore, LaneStore, Mac, Mailer, PeopleStore } from '../../lib/ports.ts';
import type { EvidenceAddresses } from '../../lib/uploads.ts';
import { fakeRandom } from '../fakes/services.ts';
import { authorityContract } from './authority.contract.ts';
import { definitionsContract } from './definitions.contract.ts';
import { dueItemsContract } from './due-items.contract.ts';
import { endedSessionsContract } from './ended-sessions.contract.ts';
import { evidenceContract } from './evidence.contract.ts';
import { idempotencyContract } from './idempotency.contract.ts';
import { laneStoreContract } from './lane-store.contract.ts';
import { macContract } from './mac.contract.ts';
import { mailerContract } from './mailer.contract.ts';
import { peopleContract } from './people.contract.ts';
import { quotasContract } from './quotas.contract.ts';
import { runIndexContract } from './run-index.contract.ts';
import { type SchedulesUnderTest, schedulesContract } from './schedules.contract.ts';
import {
  createBucket,
  createMachine,
  createMacKey,
  createScheduleGroup,
  createSender,
  createTables,
  type TestTables,
  testConfig,
} from './tables.ts';
import { tokensContract } from './tokens.contract.ts';
import { trailContract } from './trail.contract.ts';
import { type IntakeUnderTest, intakeContract, uploadsContract } from './uploads.contract.ts';
import { type WorkflowUnderTest, workflowContract } from './workflow.contract.ts';

describe('the adapters keep the contracts on the emulator', () => {
  let tables: TestTables;
  let store: LaneStore;
  let evidence: EvidenceStore;
  let mac: Mac;
  let keys: Readonly<Record<AuthorityKind, Mac>>;
  let people: PeopleStore;
  let machine: WorkflowUnderTest;
  let timetable: SchedulesUnderTest;
  let mailer: Mailer;
  let intake: IntakeUnderTest;
  let addresses: EvidenceAddresses;
  beforeAll(async () => {
    tables = await createTables();
    store = createDynamoLaneStore(tables.client, { table: tables.names.audit });
    people = createDynamoPeople(tables.client, { table: tables.names.people, random: fakeRandom('contract') });
    const bucket = await createBucket();
    const { credentials, ...place } = testConfig();
    evidence = createS3Evidence(createS3({ ...place, credentials: async () => credentials, clock: { now: () => new Date() } }), { bucket });
    const own = { ...place, credentials: async () => credentials, clock: { now: () => new Date() } };
    addresses = createS3EvidenceAddresses(createPresign(own), { bucket });
    intake = {
      intake: createS3Intake(createPresign(own), { bucket }),
      objects: createS3IntakeObjects(createS3(own), { bucket }),
      put: async ({ url, headers }, bytes) => (await fetch(url, { method: 'PUT', headers, body: Buffer.from(bytes) })).status,
    };
    const { call } = createAwsCall(own);
    mac = createKmsMac(call, { key: await createMacKey() });
    keys = { people: createKmsMac(call, { key: await createMacKey() }), reconciler: createKmsMac(call, { key: await createMacKey() }) };
    const { stateMachine, token, client: sfn } = await createMachine();
    machine = { workflow: createSfnWorkflow(sfn, { stateMachine }), token };
    const { group, planned } = await createScheduleGroup();
    const [reconciler, role, deadLetters] = [
      'arn:aws:lambda:us-east-1:000000000000:function:reconciler',
      'arn:aws:iam::000000000000:role/schedules',
      'arn:aws:sqs:us-east-1:000000000000:dead',
    ];
    timetable = {
      schedules: createSchedules(call, { group, reconciler, role, deadLetters, clock: { now: () => new Date() } }),
      planned,
    };
    mailer = createSesMailer(call, { ...(await createSender()), region: place.region });
  });
  laneStoreContract(() => store);
  trailContract('emulator', () => store);
  evidenceContract(() => evidence);
  test('the address of evidence gives the very bytes, as a file to save', async () => {
    const bytes = new TextEncoder().encode('<testsuite/>');
    await evidence.put('run/addressed', sha256(bytes), bytes, 'text/html');
    const answer = await fetch(await addresses.address('run/addressed', sha256(bytes), 60));
    expect([answer.status, await answer.text()]).toEqual([200, '<testsuite/>']);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${sha256(bytes)}"`);
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
  });
  peopleContract(() => people);
  runIndexContract(() => createDynamoRunIndex(tables.client, { table: tables.names.runs }));
  dueItemsContract(() => createDynamoDueItems(tables.client, { table: tables.names.runs }));
  tokensContract(() => createDynamoTokens(tables.client, { table: tables.names.tokens, clock: { now: () => new Date() } }));
  idempotencyContract(() => createDynamoIdempotency(tables.client, { table: tables.names.idempotency }));
  endedSessionsContract(() => createDynamoEndedSessions(tables.client, { table: tables.names.idempotency }));
  uploadsContract(() => createDynamoUploads(tables.client, { table: tables.names.idempotency }));
  intakeContract(() => intake);
  quotasContract(() => createDynamoQuotas(tables.client, { table: tables.names.idempotency }));
  workflowContract(() => machine);
  macContract(() => mac);
  authorityContract((signsFor) => createKmsAuthority(keys, { signsFor }));
  schedulesContract(() => timetable);
  mailerContract(() => mailer);
  definitionsContract(() => (checklist) => createDefinitions(evidence, { checklist, digest: digestOf(checklist), graph: 'f'.repeat(64) }));
});
