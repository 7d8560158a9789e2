import type { Refusal } from '../lib/outcome.ts';
import { declarationSchema, declareWithAws } from '../lib/run/commands/declare-with-aws.ts';
import type { DecideRunDependencies } from '../lib/run/commands/trigger-rollback.ts';
import { clock, liveDue, liveEvidence, livePeople, liveReconciler, liveTrail, readStage } from './shell/aws-clients.ts';
import { liveDefinitions } from './shell/definition.ts';
import { envOf } from './shell/env.ts';
import { type Declined, eventHandler } from './shell/event-handler.ts';

const liveDependencies = (): DecideRunDependencies => {
  const env = envOf('rollback-declarer', process.env);
  return {
    clock,
    trail: liveTrail(env, 'reconciler'),
    definitions: liveDefinitions(liveEvidence(env.EVIDENCE_BUCKET), readStage()),
    due: liveDue(env.RUNS_TABLE),
    people: livePeople(env.PEOPLE_TABLE),
    reconciler: liveReconciler(env.RECONCILER_FUNCTION),
  };
};

type Declared = { readonly event: string; readonly alreadyRecorded: boolean } | { readonly refused: Refusal };

/** Declares a rollback for the people who may invoke this function. A refusal is an answer to them and no error. */
export const declare = async (deps: DecideRunDependencies, event: unknown): Promise<Declared | Declined> => {
  const given = declarationSchema.safeParse(event);
  if (!given.success) {
    const flaws = given.error.issues.map(({ path, message }) => `${path.join('.') || 'the payload'}: ${message}`);
    return {
      declined: `not a declaration of a rollback, such as {"run":"…","trigger":"critical-feature-not-working","reason":"…"}. ${flaws.join('; ')}`,
    };
  }
  const declared = await declareWithAws(deps, given.data);
  return declared.refused === undefined ? declared.ok : { refused: declared.refused };
};

let deps: DecideRunDependencies | undefined;

export const handler = eventHandler('rollback-declarer', (event) => {
  deps ??= liveDependencies();
  return declare(deps, event);
});
