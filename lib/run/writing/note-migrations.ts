import type { DataOf, Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { excerpt } from '../../canonical-json.ts';
import { type Item, itemOf } from '../../checklist/definition.ts';
import { migratesData, migrationsInWords } from '../../checklist/migration-files.ts';
import { migrationNote } from '../../evaluation/own-subjects.ts';
import { attemptOf, standingOf } from '../../evaluation/standing.ts';
import type { Dependencies } from '../../ports.ts';
import type { StoredFacts } from '../../registry/evidence.ts';
import { isChanges } from '../../rules/changed-files.ts';
import { appendToLane, ofType, type RunContext, system, withAppended } from '../state/run-context.ts';

type Recorded = Stored<'evidence.recorded'>;
type Judged = Stored<'check.judged'>;

/**
 * Notes what evidence shows of migrations in the lane of each check that then concerns the release, under a subject of its own: a declaration
 * that such a check is not applicable does not stand beside it, whichever of the two came first. A later list of the same source without such
 * files takes the note back.
 */
export const noteMigrations = async (
  deps: Pick<Dependencies, 'trail'>,
  context: RunContext,
  { evidence, facts }: { readonly evidence: Recorded; readonly facts: StoredFacts },
): Promise<readonly Judged[]> => {
  const { serves } = evidence.event.data;
  // What a check judges itself needs no note.
  const concerned = context.checklist.items.filter(
    ({ id, unless, gate }) => unless === 'migrations' && gate !== null && !serves.includes(id),
  );
  const shown = concerned.length === 0 ? undefined : shownBy(context, serves, facts);
  if (shown === undefined && !isChanges(facts)) return [];
  const noted: Judged[] = [];
  for (const check of concerned) {
    const lane = await deps.trail.read(context.scope, { lane: lanes.check(check.gate ?? '', check.id) });
    if (shown === undefined) await takeBack(deps, context, { check, evidence, lane });
    else noted.push(await note(deps, context, { check, evidence, lane, shown }));
  }
  return noted;
};

/** What shows that the release migrates data; undefined where this evidence does not. */
const shownBy = ({ checklist }: RunContext, serves: readonly string[], facts: StoredFacts): string | undefined => {
  const shows = serves.find((id) => itemOf(checklist, id)?.shows === 'migrations');
  if (shows !== undefined) return `evidence about the check ${shows} shows`;
  const changed = isChanges(facts) ? (facts.changed ?? []).filter(migratesData(checklist.items)) : [];
  return changed.length === 0 ? undefined : `${migrationsInWords(changed)} show`;
};

type Noting = { readonly check: Item; readonly evidence: Recorded; readonly lane: readonly Stored[] };

const note = async (
  deps: Pick<Dependencies, 'trail'>,
  { scope, parentHash }: RunContext,
  { check, evidence, lane, shown }: Noting & { readonly shown: string },
): Promise<Judged> => {
  const { source, producer, madeAt } = evidence.event.data;
  const subject = migrationNote(source);
  const data: DataOf<'check.judged'> = {
    check: check.id,
    subject,
    verdict: 'inconclusive',
    reason: excerpt(`the release migrates data, as ${shown}`, 300),
    facts: null,
    evidence: null,
    attempt: attemptOf(
      ofType(lane, 'check.judged').filter((one) => isOf(one, subject)),
      producer,
    ),
    madeAt,
    producer,
    goodUntil: null,
    by: null,
    words: null,
  };
  const { stored } = await appendToLane(deps, parentHash, lane, {
    scope,
    lane: lanes.check(check.gate ?? '', check.id),
    step: `migrates/${evidence.event.id}`,
    type: 'check.judged',
    actor: system('evaluator'),
    data,
  });
  return stored;
};

/** Notes of a list that a later one of its source replaces. */
const takeBack = async (
  deps: Pick<Dependencies, 'trail'>,
  { scope, parentHash }: RunContext,
  { check, evidence, lane }: Noting,
): Promise<void> => {
  const subject = migrationNote(evidence.event.data.source);
  let current = lane;
  for (const { event } of standingOf(lane).filter((one) => isOf(one, subject))) {
    const { stored } = await appendToLane(deps, parentHash, current, {
      scope,
      lane: lanes.check(check.gate ?? '', check.id),
      step: `replaced/${event.id}`,
      type: 'check.replaced',
      actor: system('evaluator'),
      data: { check: check.id, judgement: event.id, by: [evidence.event.id] },
    });
    current = await withAppended(deps, current, stored);
  }
};

const isOf = ({ event: { data } }: Judged, subject: string): boolean => data.subject === subject && data.source === undefined;
