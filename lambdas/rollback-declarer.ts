import type { Refusal } from '../lib/outcome.ts';
import { actWithAws, formOf, type Recorded, type Said, type Waits } from '../lib/run/commands/act-with-aws.ts';
import type { RollbackDependencies } from '../lib/run/commands/trigger-rollback.ts';
import { clock, liveDue, liveEvidence, livePeople, liveReconciler, liveTrail, readStage, stageFacts } from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';

const liveDependencies = (): RollbackDependencies => {
  const env = envOf('rollback-declarer', process.env);
  const stage = readStage();
  return {
    clock,
    trail: liveTrail(env, 'reconciler'),
    stage: stageFacts(stage),
    definitions: liveDefinitions(liveEvidence(env.EVIDENCE_BUCKET), stage),
    due: liveDue(env.RUNS_TABLE),
    people: livePeople(env.PEOPLE_TABLE),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
  };
};

type Answered = Recorded | Waits | { readonly refused: Refusal };

/** Takes a run back for the people who may invoke this function. A refusal is an answer to them and no error. */
export const declare = async (deps: RollbackDependencies, event: unknown): Promise<Answered | Declined> => {
  const given = formOf(event).safeParse(event);
  if (!given.success) {
    const flaws = given.error.issues.map(({ path, message }) => `${path.join('.') || 'the payload'}: ${message}`);
    return {
      declined: `not a declaration of a rollback, such as {"run":"…","trigger":"critical-feature-not-working","reason":"…"}, nor another word about one (README, "When nobody can sign in"). ${flaws.join('; ')}`,
    };
  }
  const said = await actWithAws(deps, given.data as Said);
  return said.refused === undefined ? said.ok : { refused: said.refused };
};

let deps: RollbackDependencies | undefined;

export const handler = eventHandler('rollback-declarer', (event) => {
  deps ??= liveDependencies();
  return declare(deps, event);
});
