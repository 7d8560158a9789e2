import { isType, type Stored, takesSourceAddress } from '../audit/event.ts';
import { incidentId } from '../checklist/definition.ts';
import { partName } from '../fields.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import type { Dependencies, PeopleStore } from '../ports.ts';
import { readContext } from '../run/state/run-context.ts';
import { erasedWords, ownerOfScope, ownersOfWords, readWords, type Words } from '../run/state/words.ts';
import { cutTo } from './bounded-view.ts';
import { mostWords, type RunView, type RunWords } from './view.ts';

/** What people wrote about a run, from the events that hold the digests. The texts themselves are no part of the trail. */

type Said = Omit<RunWords, 'text' | 'salt' | 'erasedAt'>;

const said = ({ event }: Stored, kind: Said['kind'], digest: string, about: Partial<Said>): Said => ({
  kind,
  digest,
  event: event.id,
  at: event.at,
  by: null,
  role: null,
  gate: null,
  check: null,
  observation: null,
  ...about,
});

/** Every text that the events of a run hold by digest, oldest first. */
export const saidIn = (events: readonly Stored[]): readonly Said[] =>
  events.flatMap(saidBy).sort((a, b) => (a.at === b.at ? 0 : a.at < b.at ? -1 : 1));

const saidBy = (stored: Stored): readonly Said[] => {
  if (isType('run.started')(stored)) {
    const { reasonDigest, requestedBy, changesDigest } = stored.event.data;
    return [
      said(stored, 'release-reason', reasonDigest, {}),
      ...(requestedBy === null ? [] : [said(stored, 'requested-by', requestedBy, {})]),
      ...(changesDigest === null ? [] : [said(stored, 'changes', changesDigest, {})]),
    ];
  }
  if (isType('check.judged')(stored)) {
    const { by, words, check } = stored.event.data;
    return by === null || words === null ? [] : [said(stored, 'attestation', words, { by, check, gate: gateOfLane(stored) })];
  }
  if (isType('check.exception-revoked')(stored)) {
    const { by, role, check, reason } = stored.event.data;
    return [said(stored, 'exception-revocation', reason, { by, role, check, gate: gateOfLane(stored), ...partOf(stored) })];
  }
  if (isType('check.waived')(stored) || isType('check.not-applicable')(stored)) {
    const { by, role, check, reason } = stored.event.data;
    const kind = isType('check.waived')(stored) ? 'waiver' : 'not-applicable';
    return [said(stored, kind, reason, { by, role, check, gate: gateOfLane(stored), ...partOf(stored) })];
  }
  return saidAboutRun(stored);
};

const saidAboutRun = (stored: Stored): readonly Said[] => {
  if (isType('approval.recalled')(stored) || isType('approval.reopened')(stored)) {
    const { by, gate, reason } = stored.event.data;
    return [said(stored, 'approval-recall', reason, { by, gate })];
  }
  if (isType('approval.answered')(stored)) {
    const { note, person, role, gate } = stored.event.data;
    return note === null ? [] : [said(stored, 'approval-note', note, { by: person, role, gate })];
  }
  if (isType('incident.decided')(stored)) {
    const { by, reason } = stored.event.data;
    return [said(stored, 'incident-decision', reason, { by, gate: incidentId })];
  }
  if (isType('rollback.triggered')(stored)) {
    const { by, reason, shown, trigger } = stored.event.data;
    const about = { by: by ?? stored.event.actor.id, check: trigger };
    return [
      ...(reason === null ? [] : [said(stored, 'rollback-reason', reason, about)]),
      ...(shown === undefined ? [] : [said(stored, 'rollback-evidence', shown, about)]),
    ];
  }
  if (isType('rollback.step-done')(stored) || isType('rollback.step-failed')(stored)) {
    const { words, step } = stored.event.data;
    return words === undefined ? [] : [said(stored, 'rollback-step', words, { by: stored.event.actor.id, check: step })];
  }
  if (isType('rollback.decided')(stored)) {
    const { by, reason } = stored.event.data;
    return by === null || reason === null ? [] : [said(stored, 'rollback-decision', reason, { by })];
  }
  if (isType('rollback.step-handled')(stored)) {
    const { by, reason, shown, step } = stored.event.data;
    const about = { by, check: step };
    return [
      said(stored, 'rollback-step', reason, about),
      ...(shown === undefined ? [] : [said(stored, 'rollback-evidence', shown, about)]),
    ];
  }
  if (isType('rollback.data-decided')(stored)) {
    const { by, reason } = stored.event.data;
    return by === null || reason === null ? [] : [said(stored, 'rollback-data', reason, { by })];
  }
  if (isType('follow-up.answered')(stored)) {
    const { by, answer, words, link } = stored.event.data;
    const about = said(stored, answer === 'stated' ? 'rollback-cause' : 'power-review', words, { by });
    return link === null ? [about] : [about, said(stored, 'rollback-fix', link, { by })];
  }
  if (isType('run.cancelled')(stored)) {
    const { by, reason } = stored.event.data;
    return [said(stored, 'cancellation-reason', reason, { by })];
  }
  if (isType('run.rescheduled')(stored)) {
    const { by, reason } = stored.event.data;
    return [said(stored, 'reschedule-reason', reason, { by })];
  }
  if (isType('freeze.override-requested')(stored) || isType('freeze.override-approved')(stored)) {
    const { by, reason } = stored.event.data;
    return [said(stored, 'freeze-override-reason', reason, { by })];
  }
  if (isType('observation.recorded')(stored)) {
    const { words, observation, announced } = stored.event.data;
    if (announced !== undefined) return [said(stored, 'announcement', announced.reason, { by: announced.by, observation })];
    return words === null ? [] : [said(stored, 'observation', words, { by: stored.event.actor.id, observation })];
  }
  if (isType('observation.labelled')(stored)) {
    const { by, explanation, observation } = stored.event.data;
    return [said(stored, 'label-explanation', explanation, { by, observation })];
  }
  return [];
};

/** The part of the check that an exception is about. */
const partOf = ({ event: { data } }: Stored<'check.waived' | 'check.not-applicable' | 'check.exception-revoked'>): Partial<Said> =>
  data.subject === undefined ? {} : { subject: partName(data.subject) };

/** `phase-1` of the lane `check/phase-1/no-secrets`. */
const gateOfLane = ({ event: { lane } }: Stored): string | null => lane.split('/')[1] ?? null;

/** What people wrote since the start takes so many bytes of a view at most. */
const wordsRoom = 150_000;

/** The run with what people wrote about it: for people who hold a role. */
export const withWords = async (people: Pick<PeopleStore, 'read'>, view: RunView, events: readonly Stored[]): Promise<RunView> => {
  const all = saidIn(events);
  // What the start says is always among them.
  const start = all.filter(({ by }) => by === null);
  const later = all.filter(({ by }) => by !== null);
  const shown = [...start, ...later.slice(-(mostWords - start.length))];
  const texts = await readWords(
    people,
    ownersOfWords(view.run, view.service),
    shown.map(({ digest }) => digest),
  );
  const found = shown.map((one): RunWords => ({ ...one, ...(texts.get(one.digest) ?? erasedWords) }));
  const written = found.slice(start.length);
  const { kept } = cutTo(written, wordsRoom, written.toReversed());
  const words = [...found.slice(0, start.length), ...kept];
  const changes = words.find(({ kind }) => kind === 'changes')?.text?.split('\n') ?? [];
  return { ...view, words, wordsLeftOut: all.length - words.length, changes };
};

/** The address from which a person sent what an event records: no text of theirs, and for auditors alone. */
const addressIn = (stored: Stored): readonly Said[] => {
  const { type, data, actor } = stored.event;
  const digest = takesSourceAddress(type) && 'sourceAddress' in data ? data.sourceAddress : undefined;
  if (digest === undefined) return [];
  const about = isType('approval.answered')(stored) ? { role: stored.event.data.role, gate: stored.event.data.gate } : {};
  return [said(stored, 'source-address', digest, { by: actor.id, ...about })];
};

/** The address from which a person sent what an event records; undefined where it holds none. */
export const readSourceAddress = async ({ people }: Pick<Dependencies, 'people'>, stored: Stored): Promise<Words | undefined> => {
  const [one] = addressIn(stored);
  const owner = ownerOfScope(stored.event.scope);
  return one === undefined ? undefined : ((await readWords(people, [owner], [one.digest])).get(one.digest) ?? erasedWords);
};

/** One text of the run by its digest. `addresses`: also the addresses from which people decided. */
export const findWords = async (
  deps: Pick<Dependencies, 'trail' | 'definitions' | 'people'>,
  { run, digest, addresses }: { readonly run: string; readonly digest: string; readonly addresses: boolean },
): Promise<Outcome<RunWords>> => {
  const found = await readContext(deps, run);
  if (found.refused) return found;
  const events = await deps.trail.read(found.ok.scope, { prefix: '' });
  const one = [...saidIn(events), ...(addresses ? events.flatMap(addressIn) : [])].find((other) => other.digest === digest);
  if (one === undefined)
    return refuse('words-unknown', 'No event of the run holds this digest of a text.', {
      got: digest,
      expected: 'a digest of a text that a person wrote about this run',
      fix: 'Read the run or its events, which hold the digests.',
    });
  const words = (await readWords(deps.people, ownersOfWords(run, found.ok.started.event.data.service), [digest])).get(digest);
  return ok({ ...one, ...(words ?? erasedWords) });
};
