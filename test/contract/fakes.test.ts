import { describe } from 'vitest';
import type { Checklist } from '../../lib/checklist/definition.ts';
import { fakeProtectionRules } from '../fakes/protection-rules.ts';
import { fakeAuthority, fakeDefinitions, fakeMac, fakeMailer, fakeRandom, fakeSchedules, fakeWorkflow } from '../fakes/services.ts';
import {
  fakeDue,
  fakeEndedSessions,
  fakeEvidence,
  fakeIdempotency,
  fakeIndex,
  fakeLaneStore,
  fakePeople,
  fakeQuotas,
  fakeTokens,
} from '../fakes/stores.ts';
import { fakeIntake, fakeUploads } from '../fakes/uploads.ts';
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
import { protectionRulesContract } from './protection-rules.contract.ts';
import { quotasContract } from './quotas.contract.ts';
import { runIndexContract } from './run-index.contract.ts';
import { schedulesContract } from './schedules.contract.ts';
import { tokensContract } from './tokens.contract.ts';
import { trailContract } from './trail.contract.ts';
import { intakeContract, uploadsContract } from './uploads.contract.ts';
import { workflowContract } from './workflow.contract.ts';

describe('the fakes keep the contracts', () => {
  const store = fakeLaneStore();
  laneStoreContract(() => store);
  trailContract('fake', () => store);
  const evidence = fakeEvidence();
  evidenceContract(() => evidence);
  const people = fakePeople(fakeRandom('contract'));
  peopleContract(() => people);
  const index = fakeIndex();
  runIndexContract(() => index);
  const due = fakeDue();
  dueItemsContract(() => due);
  const tokens = fakeTokens();
  tokensContract(() => tokens);
  const idempotency = fakeIdempotency();
  idempotencyContract(() => idempotency);
  const sessions = fakeEndedSessions();
  endedSessionsContract(() => sessions);
  const uploads = fakeUploads();
  uploadsContract(() => uploads);
  const intake = fakeIntake();
  intakeContract(() => ({ intake, objects: intake, put: async (address, bytes) => intake.put(address, bytes) }));
  const quotas = fakeQuotas();
  quotasContract(() => quotas);
  const workflow = fakeWorkflow();
  workflowContract(() => ({ workflow, token: async (execution) => workflow.issue(`token of ${execution}`) }));
  const mac = fakeMac();
  macContract(() => mac);
  authorityContract((signsFor) => fakeAuthority(signsFor === null ? [] : [signsFor]));
  const schedules = fakeSchedules();
  schedulesContract(() => ({ schedules, planned: async (name) => schedules.planned.get(name)?.when }));
  protectionRulesContract((pipelines) => {
    const rules = fakeProtectionRules();
    for (const [pipeline, facts] of Object.entries(pipelines)) rules.pipelines.set(pipeline, facts);
    return { rules, answers: () => rules.answers.map(({ rule: _, ...answer }) => answer) };
  });
  const mailer = fakeMailer();
  mailerContract(() => mailer);
  const published = new Map<string, Checklist>();
  definitionsContract(() => (checklist) => fakeDefinitions(checklist, 'f'.repeat(64), published));
});
