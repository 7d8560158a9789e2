import { isType } from '../../audit/event.ts';
import type { Signers } from '../../audit/events/approval.ts';
import { lanes } from '../../audit/lane.ts';
import { cut } from '../../canonical-json.ts';
import { foldRounds, type Round, recalledBy } from '../../folds/approval-rounds.ts';
import { behind, maySign } from '../../folds/signers.ts';
import { type Outcome, ok, type Refusal, refuse } from '../../outcome.ts';
import type { Dependencies } from '../../ports.ts';
import { asWords, counted } from '../../wording.ts';
import type { PersonCaller } from '../state/caller.ts';
import { deputiesAt } from '../state/deputies.ts';
import { visitOf } from '../state/gate-entries.ts';
import { eventsBehind } from '../state/gate-report.ts';
import { invalidationOf } from '../state/invalidation.ts';
import { actorOf, withAppended } from '../state/run-context.ts';
import { appendToRun, noFollowUp } from '../writing/append.ts';
import { addressing } from '../writing/source-address.ts';
import { staleSignIn } from './authorize.ts';
import type { Command } from './command.ts';
import { type Answer, answerSchema } from './inputs.ts';
import { recordRefusal } from './refusals.ts';
import { type ApprovalPage, openLink, type ReadDependencies, type Shown } from './show-approval.ts';

type AnswerDependencies = ReadDependencies & Pick<Dependencies, 'reconciler' | 'due'>;
type LinkedAnswer = Answer & { readonly link: string };

/** Records the answer of the invited person, freshly signed in, who typed the code of the report that was shown. */
const perform = async (deps: AnswerDependencies, input: LinkedAnswer, caller: PersonCaller): Promise<Outcome<ApprovalPage>> => {
  const found = await openLink(deps, input.link, caller);
  if (found.ok === undefined)
    return found.context === undefined ? { refused: found.refused } : recordRefusal(deps, found.context, caller, 'approval', found.refused);
  const shown = found.ok;
  const { context, gate, page } = shown;
  // A browser that did not hear of its first answer sends it again: nothing new is recorded, but the reconciliation is requested again.
  const given = page.state === 'answered' ? page.answered : null;
  if (given?.person === caller.id && given.answer === input.answer && input.report === page.report) {
    await deps.reconciler.request(context.run);
    return ok(page);
  }
  const no = mayAnswer(deps, shown, input, caller);
  const outcome = no === undefined ? await record(deps, shown, input, caller) : no;
  return outcome.refused === undefined ? outcome : recordRefusal(deps, context, caller, `approval ${gate.id}`, outcome.refused);
};

export const answerApproval: Command<LinkedAnswer, PersonCaller, AnswerDependencies, ApprovalPage> = Object.assign(perform, {
  id: 'answerApproval',
  input: answerSchema,
  callers: ['person' as const],
});

const record = async (
  deps: AnswerDependencies,
  { context, link, gate, entry, round, page, inputs }: Shown,
  input: LinkedAnswer,
  caller: PersonCaller,
): Promise<Outcome<ApprovalPage>> => {
  const key = visitOf(entry);
  const stead = link.for === undefined ? '' : `for/${link.for}/`;
  // An approval of theirs that lost a race counts for nothing, and is no reason to refuse another answer.
  const uncounted = inputs.approval
    .filter(isType('approval.answered'))
    .map(({ event }) => event.data)
    .filter(
      (one) => one.entry === key && one.round === round.round && one.role === link.role && one.person === caller.id && one.for === link.for,
    );
  const again = uncounted.length === 0 ? '' : `/${uncounted.length + 1}`;
  const { stored } = await appendToRun(addressing(deps, caller), context, {
    draft: {
      scope: context.scope,
      lane: lanes.approval(gate.id),
      step: `${key}/${round.round}/${link.role}/${caller.id}/${stead}answered${again}`,
      type: 'approval.answered',
      actor: actorOf(caller),
      data: {
        gate: gate.id,
        entry: key,
        round: round.round,
        role: link.role,
        person: caller.id,
        answer: input.answer,
        report: input.report,
        signedInAt: caller.signedInAt.toISOString(),
        note: input.note === '' ? null : await deps.people.keep(context.run, input.note),
        seen: eventsBehind(inputs, gate),
        ...(page.authors === undefined ? {} : { author: page.authors.reader }),
        ...(link.for === undefined ? {} : { for: link.for }),
      },
    },
    lane: inputs.approval,
    followUp: noFollowUp,
  });
  // Another answer may have been recorded at the same moment: whether this one counts shows only after it stands in the lane.
  const lane = await withAppended(deps, inputs.approval, stored);
  const now = foldRounds(lane, key).find((one) => one.round === round.round);
  const { person, answer } = stored.event.data;
  if (now?.answers.some(({ event }) => event.id === stored.event.id) && answer === input.answer)
    return ok({ ...page, state: 'answered', answered: { answer, at: stored.event.at, person } });
  if (now?.recalled !== undefined) return recalled(now.recalled, input);
  if (now?.withdrawn !== undefined) return withdrawn(now.withdrawn.event.data.by, now.withdrawn.event.at, input);
  const first = now?.answers.find(({ event: { data } }) => data.role === link.role);
  if (first !== undefined) return answeredBefore(link.role, input, first.event);
  return now === undefined ? ok(page) : (mayNotSign(now, stored.event.data) ?? ok(page));
};

type Signature = Parameters<typeof maySign>[1];

/** Why an approval cannot count beside those that were given; undefined where it can. */
const mayNotSign = (round: Round, signature: Signature): { readonly refused: Refusal } | undefined => {
  const given = round.answers.map(({ event }) => event.data).filter((one) => one.role !== signature.role);
  const signers = round.requests[0]?.event.data.signers;
  const may = maySign(given, signature, signers);
  if (may === 'second-role')
    return secondRole(
      signature,
      given.find((one) => behind(one).some((id) => behind(signature).includes(id))),
      signers,
    );
  return may === 'all-authors' ? allAuthors(signature) : undefined;
};

const answeredBefore = (
  role: string,
  input: Answer,
  { at, data }: { readonly at: string; readonly data: { readonly answer: string; readonly person: string } },
): { readonly refused: Refusal } =>
  refuse('approval-answered', `The request for ${role} is answered already: ${data.answer} by ${data.person} at ${at}.`, {
    got: input.answer,
    expected: 'a request that nobody has answered',
  });

const withdrawn = (by: string, at: string, input: Answer): { readonly refused: Refusal } =>
  refuse('approval-closed', `The release was superseded by run ${by} at ${at}, which withdraws the request.`, {
    got: input.answer,
    expected: 'a request that is open',
    fix: 'Nothing has to be answered. The page of the newer run shows what is released instead.',
  });

const recalled = (recall: NonNullable<Round['recalled']>, input: Answer): { readonly refused: Refusal } =>
  refuse('approval-closed', `An answer no longer counts: ${recalledBy(recall)}.`, {
    got: input.answer,
    expected: 'a request that is open',
    fix: 'Nothing has to be answered. If people are asked again, you get a new mail.',
  });

const secondRole = (
  { role, for: principal }: Signature,
  other: Pick<Signature, 'role' | 'person'> | undefined,
  signers: Signers | undefined,
): { readonly refused: Refusal } => {
  const answered = other?.role ?? 'another role';
  const who = principal === undefined ? 'You have' : other?.person === principal ? `${principal}, for whom you answer, has` : 'You have';
  const needed =
    signers === undefined || signers.distinctPeople >= signers.roles
      ? 'each role needs a different person'
      : `at least ${counted(signers.distinctPeople, 'person', 'different people')} must sign`;
  return refuse('approval-second-role', `${who} already answered as ${asWords(answered)}; ${needed}.`, {
    got: role,
    expected: 'another person',
  });
};

/** The last approval that is missing must come from somebody who is no author, where everybody else may be one. */
const allAuthors = ({ role, person, for: principal, author }: Signature): { readonly refused: Refusal } => {
  const who = principal === undefined ? 'you' : `${person} or ${principal}`;
  const why =
    author === 'yes'
      ? `${who} had a hand in it, too`
      : `${who} may be an author, too: the roster does not say under which accounts ${who} commit, or the code host knows no account of an author`;
  return refuse('approval-all-authors', `Nobody who approved this release is known to be no author of it, and ${why}.`, {
    got: `the last approval, as ${asWords(role)}`,
    expected: 'an approval of somebody who is no author of the release',
    fix:
      author === 'yes'
        ? `Leave the answer to somebody else who is ${role} and no author, or to a dated deputy. You can still request changes or reject.`
        : `Ask the owner of this stage to write \`commitsAs\` for you in the roster (an empty list where you never commit), or leave the answer to somebody else who is ${role}. You can still request changes or reject.`,
  });
};

/** The roster decides at the time of the answer: of the invited person, or of the one for whom a deputy answers. */
const lacksRole = ({ roster }: Pick<AnswerDependencies, 'roster'>, shown: Shown, caller: PersonCaller, now: Date) => {
  const { link, gate, context } = shown;
  if (link.for === undefined)
    return caller.roles.includes(link.role)
      ? undefined
      : refuse('role-missing', `You do not hold the role ${link.role} any more.`, {
          got: caller.roles.join(', ') || 'no role',
          expected: link.role,
          fix: 'Ask the owner of this stage to give you the role.',
        });
  const principal = roster.person(link.for);
  const stead = { role: link.role, asks: gate.asks, starter: context.started.event.data.starter };
  const isDeputy = principal !== undefined && deputiesAt(roster, { principal, ...stead }, now).some(({ id }) => id === caller.id);
  return isDeputy
    ? undefined
    : refuse('role-missing', `You may not answer for ${link.for} as ${asWords(link.role)} now.`, {
        got: `an answer at ${now.toISOString()}`,
        expected: `a time in which the roster names you as the deputy of ${link.for}, who holds the role, and no role of your own at this gate`,
        fix: `Leave the answer to ${link.for}, or ask the owner of this stage to change the roster.`,
      });
};

/** What changed, so that a person need not compare two reports. */
const staleReport = ({ page, inputs, gate, round }: Shown, input: Answer): { readonly refused: Refusal } => {
  const { t0, target, overridden, resumed, authors, changes } = invalidationOf(inputs, gate, round);
  const changed = [
    ...(t0 === null ? [] : ['planned T0']),
    ...(target === null ? [] : ['the target of a rollback']),
    ...overridden.map(({ freeze }) => `the override of the freeze ${freeze}`),
    ...resumed.map(({ title }) => `an incident that was resumed at ${title}`),
    ...(authors ? ['the authors of the release'] : []),
    ...changes.map(({ title }) => title),
  ];
  const what = changed.length === 0 ? '' : ` Changed: ${changed.join('; ')}.`;
  return refuse('approval-stale-report', cut(`The gate report has changed since this one was shown.${what}`, 300), {
    got: input.report.slice(0, 12),
    expected: page.report.slice(0, 12),
    fix: 'Wait for the next mail, or open the link again, read the report and answer that one.',
  });
};

const mayAnswer = (
  deps: Pick<AnswerDependencies, 'clock' | 'roster'>,
  shown: Shown,
  input: Answer,
  caller: PersonCaller,
): { refused: Refusal } | undefined => {
  const { context, link, round, page } = shown;
  const now = deps.clock.now();
  if (caller.id === context.started.event.data.starter)
    return refuse('starter-excluded', 'The person who started the run may not answer for it.', {
      got: caller.id,
      expected: `another person who is ${link.role}`,
      fix: 'Ask another holder of the role to answer.',
    });
  const lacking = lacksRole(deps, shown, caller, now);
  if (lacking !== undefined) return lacking;
  if (page.state === 'answered' && page.answered !== null)
    return answeredBefore(link.role, input, { at: page.answered.at, data: page.answered });
  if (page.state === 'superseded' && page.superseded !== null) return withdrawn(page.superseded.run, page.superseded.at, input);
  if (page.state === 'recalled' && round.recalled !== undefined) return recalled(round.recalled, input);
  if (page.state === 'closed')
    return refuse('approval-closed', 'The gate is already decided, or an incident interrupted it, so an answer no longer counts.', {
      got: input.answer,
      expected: 'a gate that is open',
      fix: "Open the run's page.",
    });
  if (page.state === 'expired')
    return refuse('approval-closed', `The time to answer ended at ${page.expires}. Without this answer the gate does not pass.`, {
      got: now.toISOString(),
      expected: `an answer before ${page.expires}`,
      fix: "Open the run's page to see what happens next.",
    });
  if (page.state === 'invalidated' || input.report !== page.report) return staleReport(shown, input);
  // An author may always say no.
  const no = mayNotSign(round, { ...link, author: input.answer === 'approved' ? page.authors?.reader : 'no' });
  if (no !== undefined) return no;
  const stale = staleSignIn(caller, now);
  if (stale !== undefined) return stale;
  if (input.answer !== 'approved' && input.note.trim() === '')
    return refuse('approval-note', 'To reject or to request changes takes a note: what is wrong, so that others can correct it.', {
      got: `${input.answer} without a note`,
      expected: 'a note of at least one word',
      fix: 'Write what has to change. Everybody who works with the release reads it.',
    });
  if (input.confirmation.toUpperCase() !== page.code)
    return refuse('approval-confirmation', 'The typed code is not the one that the report shows.', {
      got: input.confirmation,
      expected: 'the six characters that the page shows as the code of the report',
      fix: 'Read the report and type its code.',
    });
  return undefined;
};
