import { isType } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { excerpt } from '../../canonical-json.ts';
import { migratesData, migrationsInWords } from '../../checklist/migration-files.ts';
import { isMigrationNote } from '../../evaluation/own-subjects.ts';
import type { PartSubject } from '../../fields.ts';
import { refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { comparedBy } from '../../registry/rules.ts';
import type { PersonCaller } from '../state/caller.ts';
import { actorOf, type RunContext } from '../state/run-context.ts';
import { storedFacts } from '../writing/succession.ts';
import { checkOf } from './authorize.ts';
import { runCommand } from './command.ts';
import { notApplicableSchema } from './inputs.ts';
import { type ExceptDependencies as Excepting, findPart, mayExcept, recordException } from './record-exception.ts';

type ExceptDependencies = Excepting & Pick<Dependencies, 'evidence'>;
type Declaration = {
  readonly run: string;
  readonly check: string;
  readonly reason: string;
  readonly subject?: PartSubject | undefined;
  readonly request: string;
};

/** Declares that a check which the document makes optional, or one part of it, does not concern this release. */
export const declareNotApplicable = runCommand({
  id: 'declareNotApplicable',
  input: notApplicableSchema,
  callers: ['person'],
  action: () => 'not-applicable',
  decide: async (deps: ExceptDependencies, context, input: Declaration, caller: PersonCaller) => {
    const found = checkOf(context, input.check);
    if (found.refused) return found;
    const check = found.ok;
    const no = mayExcept(deps, context, check, caller);
    if (no !== undefined) return no;
    if (!check.optional)
      return refuse('not-applicable-not-allowed', `The check ${check.id} concerns every release.`, {
        got: check.words,
        expected: 'a check that the document makes optional',
        fix: 'Prove the check or waive it.',
      });
    const migrates = check.unless === 'migrations' ? await migrationsOf(deps, context) : undefined;
    if (migrates !== undefined)
      return refuse('not-applicable-not-allowed', `The release migrates data, so that the check ${check.id} concerns it.`, {
        got: migrates,
        expected: 'a release without migration scripts',
        fix: 'Prove the check or waive it.',
      });
    const { subject } = input;
    const part = await findPart(deps, context, check, subject);
    if (part.refused) return part;
    if (part.ok?.verdict === 'fail')
      return refuse('not-applicable-not-allowed', `The evidence shows that this part of the check ${check.id} concerns the release.`, {
        got: excerpt(`${part.ok.subject}: ${part.ok.reason}`, 400),
        expected: 'a part of which nothing was measured',
        fix: 'Mend what fails, or waive the part.',
      });
    const reason = await deps.people.keep(context.run, input.reason);
    return recordException(deps, context, check, {
      scope: context.scope,
      lane: lanes.check(check.gate, check.id),
      step: `not-applicable/${input.request}`,
      type: 'check.not-applicable',
      actor: actorOf(caller),
      data: { check: check.id, reason, by: caller.id, role: check.owner, ...(subject === undefined ? {} : { subject }) },
    });
  },
});

/** What shows that the release migrates data: the scripts that the start named, evidence about such scripts, or changed files that migrate data. */
const migrationsOf = async (deps: ExceptDependencies, context: RunContext): Promise<string | undefined> => {
  const { migrations = [] } = context.started.event.data;
  if (migrations.length > 0) return excerpt(migrations.join(', '), 200);
  for (const { id, gate, shows } of context.checklist.items) {
    if (shows !== 'migrations' || gate === null) continue;
    const lane = await deps.trail.read(context.scope, { lane: lanes.check(gate, id) });
    if (lane.some((one) => isType('check.judged')(one) && !isMigrationNote(one.event.data)))
      return `evidence that the check ${id} has judged`;
  }
  const changed = await changedMigrations(deps, context);
  return changed.length === 0 ? undefined : excerpt(migrationsInWords(changed), 400);
};

/** The changed files that migrate data, by the newest list of each source. */
const changedMigrations = async (
  deps: ExceptDependencies,
  { checklist: { items }, scope }: Pick<RunContext, 'checklist' | 'scope'>,
): Promise<readonly string[]> => {
  // Such a list serves the checks that are compared with it.
  const compared = new Set(items.flatMap(({ id, rule }) => (rule !== null && comparedBy(rule) === 'changes' ? id : [])));
  const recorded = (await deps.trail.read(scope, { prefix: lanes.evidence('record', '') })).filter(isType('evidence.recorded'));
  const newest = new Map(
    recorded
      .filter(({ event }) => event.data.serves.some((check) => compared.has(check)))
      .map(({ event }) => [event.data.source, event.data.facts] as const),
  );
  const lists = await Promise.all([...newest.values()].map((facts) => storedFacts(deps, scope, facts)));
  return [...new Set(lists.flatMap((facts) => ('changed' in facts ? (facts.changed ?? []) : [])))].filter(migratesData(items));
};
