import { byLane, type Stored } from '../../audit/event.ts';
import { lanes } from '../../audit/lane.ts';
import { type Gate, gateOf, gatesOf, itemOf } from '../../checklist/definition.ts';
import type { Finding } from '../../evaluation/finding.ts';
import type { Owed } from '../../notification.ts';
import type { Dependencies, Person } from '../../ports.ts';
import type { attestingRole } from '../../rules/attested.ts';
import { isUnsatisfied } from '../../verdict.ts';
import { currentFindings, unsatisfiedFindings } from '../state/current-findings.ts';
import type { Entry } from '../state/gate-entries.ts';
import type { GateInputs } from '../state/gate-inputs.ts';
import { leadOpensAt, ofType, scaledMs } from '../state/run-context.ts';
import type { DueNotice, MailFacts, Waiting } from './due-notices.ts';
import { dueAt } from './gate-timing.ts';
import { attestHeadOf, localInstant } from './mailing.ts';
import { attestedNowBy, followedIn, gatesAhead } from './open-attestations.ts';

/** People who know from the mail of an earlier gate what they owe at this one are mailed again when it has waited so long for them. */
const remindAfterSeconds = 1_800;

type Owing = { readonly id: string; readonly title: string; readonly role: NonNullable<ReturnType<typeof attestingRole>> };

/** A mailing that was sent. Its notice names the checks that it was about: `attestations/a+b`. */
type Mailing = { readonly notice: string; readonly people: readonly string[] };
export const mailingOf = ({ event: { data } }: Stored<'gate.notified'>): Mailing => data;

/** The people to whom none of these mails has named one of their checks yet. */
export const untold = (
  notified: readonly Mailing[],
  kind: string,
  of: readonly (readonly [Person, readonly string[]])[],
): readonly Person[] =>
  of.flatMap(([person, checks]) => {
    const known = notified
      .filter(({ people }) => people.includes(person.id))
      .map(({ notice }) => notice.split('/'))
      .flatMap(([first, named = '']) => (first === kind ? named.split('+') : []));
    return checks.every((check) => known.includes(check)) ? [] : person;
  });

export const attestationsClaim = 'attestations';

type Visit = Pick<Waiting, 'inputs' | 'entry'>;
export type AttestationsDue = DueNotice & {
  readonly checks: readonly string[];
  readonly owedBy: (person: Person) => Owed;
};

/**
 * Everybody gets one mail with all that they owe here, and nobody before an attestation would be accepted. It also names what the next gates of
 * the same stretch will ask of them, as far as it can be attested already: so nobody gets three mails in an afternoon.
 */
export const attestationsDue = (facts: MailFacts, { inputs, entry }: Visit, gate: Gate): readonly AttestationsDue[] => {
  const { context, now } = inputs;
  const opens = leadOpensAt(context, gate);
  if (opens !== null && now.toISOString() < opens) return [];
  const owed = owedAt(inputs, gate);
  const ahead = gatesAhead(context.checklist, gate).map((one) => ({ gateTitle: one.title, owed: owedAhead(inputs, one) }));
  const people = new Map(owed.flatMap(({ role }) => facts.roster.holders(role)).map((person) => [person.id, person]));
  const checks = [...owed, ...ahead.flatMap((one) => one.owed)].map(({ id }) => id);
  const owedBy = (person: Person): Owed => ({
    gateTitle: gate.title,
    checks: named(of(person, owed)),
    ahead: ahead
      .map(({ gateTitle, owed: later }) => ({ gateTitle, checks: named(of(person, later)) }))
      .filter((one) => one.checks.length > 0),
    due: localInstant(dueAt(inputs, entry), person),
  });
  return [
    {
      notice: `attestations/${checks.join('+')}`,
      claim: attestationsClaim,
      checks,
      owedBy,
      people: untold(
        mailsAbout(inputs, entry),
        'attestations',
        [...people.values()].map((person) => [person, of(person, owed).map(({ id }) => id)]),
      ),
      write: (person) => ({ kind: 'attestations-due', ...attestHeadOf(facts, context), name: person.name, ...owedBy(person) }),
    },
  ];
};

/**
 * The inputs of a mail about attestations. What people have attested already of the gates ahead stands in lanes that no decision about this gate
 * needs, so they are read only once a mail is due.
 */
export const withChecksAhead = async ({ trail }: Pick<Dependencies, 'trail'>, inputs: GateInputs, gate: Gate): Promise<GateInputs> => {
  const { context } = inputs;
  const ahead = gatesAhead(context.checklist, gate).filter((one) => owedAhead(inputs, one).length > 0);
  if (ahead.length === 0) return inputs;
  const read = await Promise.all(ahead.map(({ id }) => trail.read(context.scope, { prefix: lanes.checksOf(id) })));
  return { ...inputs, checks: new Map([...inputs.checks, ...byLane(read.flat())]) };
};

/** When people whose mail came at an earlier gate are mailed about this one; undefined where nobody waits for that. */
export const heldBackUntil = (facts: MailFacts, { inputs, entry }: Visit): Date | undefined => {
  const gate = gateOf(inputs.context.checklist, entry.gate);
  const mails = mailsAbout(inputs, entry);
  const own = mailsOf(inputs, entry);
  if (gate === undefined || mails.length === own.length) return undefined;
  const owed = owedAt(inputs, gate);
  const owers = owed
    .flatMap(({ role }) => facts.roster.holders(role))
    .map((person) => [person, of(person, owed).map(({ id }) => id)] as const);
  const held = untold(own, 'attestations', owers).length > untold(mails, 'attestations', owers).length;
  return held ? remindAt(inputs, entry) : undefined;
};

const remindAt = ({ context, now }: GateInputs, { opened }: Entry): Date | undefined => {
  const at = Date.parse(opened.event.at) + scaledMs(remindAfterSeconds, context.started.event.data.waitScale);
  return at > now.getTime() ? new Date(at) : undefined;
};

const of = ({ roles }: Person, owed: readonly Owing[]): readonly Owing[] => owed.filter(({ role }) => roles.includes(role));
const named = (owed: readonly Owing[]) => owed.map(({ id, title }) => ({ id, title }));

/** The attestations that are still needed of these and would be accepted now. */
const owedOf = (inputs: GateInputs, findings: readonly Finding[]): readonly Owing[] =>
  findings.flatMap(({ check }) => {
    const item = itemOf(inputs.context.checklist, check);
    const role = item === undefined ? undefined : attestedNowBy(item, followedIn(inputs), inputs.context);
    return item === undefined || role === undefined ? [] : { id: item.id, title: item.title, role };
  });

const owedAt = (inputs: GateInputs, gate: Gate): readonly Owing[] => owedOf(inputs, unsatisfiedFindings(gate.id, inputs));

/** The gate's own: an earlier gate that is judged again is the open gate's business. Where its lanes are not read, everything counts as open. */
const owedAhead = (inputs: GateInputs, gate: Gate): readonly Owing[] =>
  owedOf(inputs, currentFindings(gate.id, inputs).filter(isUnsatisfied));

/** Those of this visit. A notice that the gate sends says what its readers owe, too. */
const mailsOf = ({ notice }: GateInputs, { opened, notified }: Entry): readonly Mailing[] => [
  ...notified.map(mailingOf),
  ...ofType(notice, 'notice.sent').flatMap(({ event: { data } }) =>
    data.owed?.entry === opened.event.data.entry
      ? [{ notice: `attestations/${data.owed.checks.join('+')}`, people: data.owed.people }]
      : [],
  ),
];

/** The mails of this visit and, until the gate has waited for a while, of the visits just before it in the same stretch. */
const mailsAbout = (inputs: GateInputs, entry: Entry): readonly Mailing[] => {
  const mails = [...mailsOf(inputs, entry)];
  if (remindAt(inputs, entry) === undefined) return mails;
  const { entries } = inputs.gates;
  const gates = gatesOf(inputs.context.checklist);
  for (let place = entries.indexOf(entry) - 1, next = entry.gate; place >= 0; place -= 1) {
    const before = entries[place];
    const gate = gates.find(({ id }) => id === before?.gate);
    if (before === undefined || gate === undefined || !gatesAhead(inputs.context.checklist, gate).some(({ id }) => id === next)) break;
    mails.push(...mailsOf(inputs, before));
    next = before.gate;
  }
  return mails;
};
