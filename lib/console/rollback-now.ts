import { html } from 'hono/html';
import { hasEnded } from '../query/gate-state.ts';
import { triggerWords } from '../query/trigger-words.ts';
import type { RunView } from '../query/view.ts';
import { dataRoles, endingRoles, operatingRoles, type Role, signerRoles } from '../roles.ts';
import { capital } from '../wording.ts';
import { inStead } from './answers.ts';
import { endings } from './ending-mails.ts';
import { asWords, type Names, visible, withNames } from './format.ts';
import { deadline, type Markup, type Tone, time } from './layout.ts';
import { canOnlyEnd, choosableStep, isDecisionOpen, isInHand } from './rollback-acts.ts';

type Rollback = NonNullable<RunView['rollback']>;
type Waits = NonNullable<Rollback['waits']>;
/** One sentence about what happens now, and who must do what until when. */
type Now = { readonly tone: Tone; readonly what: Markup; readonly who: Markup | '' };

/** `more`: what the reader can do. */
export const nowNote = (run: RunView, names: Names, more: Markup | ''): Markup => {
  const { tone, what, who } = nowOf(run, names);
  return html`<div class="note ${tone}" id="now"><p><strong>${what}</strong></p>${who === '' ? '' : html`<p>${who}</p>`}${more}</div>`;
};

/** "operator, operations lead or technical lead", after "an" or "a". */
export const anyOf = (roles: readonly Role[]): string => {
  const words = roles.map(asWords);
  const first = words[0] ?? '';
  return `${/^[aeiou]/.test(first) ? 'an' : 'a'} ${words.length < 2 ? first : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`}`;
};

const nowOf = (run: RunView, names: Names): Now => {
  const { rollback } = run;
  if (rollback === null) return notBegun(run);
  if (isDecisionOpen(run)) return openDecision(run, rollback, names);
  if (rollback.waits !== null) return waiting(rollback, rollback.waits, names);
  if (hasEnded(run)) return { tone: run.outcome === 'rolled-back' ? 'good' : 'bad', what: html`${endedAs(run)}`, who: stopped(rollback) };
  if (rollback.decision?.decision === 'continue') {
    const { by, at, for: principal } = rollback.decision;
    return {
      tone: 'calm',
      what: html`${by === null ? 'It was' : inStead(by, principal, names)} decided to continue on ${time(at)}: the run goes on, and nothing is rolled back.`,
      who: html`A new trigger opens a new decision.`,
    };
  }
  return {
    tone: 'wait',
    what: html`The release is being rolled back: Holdpoint goes on in a moment.`,
    who: html`Nobody has to do anything now.`,
  };
};

const endedAs = ({ service, version, environment, outcome }: RunView): string => {
  const ended = Object.entries(endings).find(([end]) => end === outcome)?.[1][1];
  return `${service} ${version} to ${environment} ${ended ?? `has ended as ${asWords(outcome)}`}.`;
};

const notBegun = (run: RunView): Now => {
  if (run.rollbackTriggers.length > 0)
    return {
      tone: 'calm',
      what: html`No rollback is under way.`,
      who: html`${capital(anyOf(operatingRoles))} can declare a trigger.`,
    };
  if (!hasEnded(run))
    return {
      tone: 'calm',
      what: html`No deployment has started, so there is nothing to roll back.`,
      who: html`Until then the run can be cancelled instead.`,
    };
  return { tone: 'calm', what: html`The run has ended as ${asWords(run.outcome)}, without a rollback.`, who: '' };
};

const openDecision = ({ version, gates }: RunView, { waits, interrupted, target, triggers }: Rollback, names: Names): Now => {
  const asked =
    waits === null || triggers.length > 0 ? '' : html`You are asked because of <bdi>${visible(withNames(waits.reason, names))}</bdi>. `;
  const until =
    waits === null
      ? html`The run is being interrupted; you can decide already.`
      : waits.silentAt === null
        ? html`Without an answer nothing changes: ${version} stays until somebody decides.`
        : html`Without an answer the release is rolled back at ${deadline(waits.silentAt)}.`;
  const place = gates.find(({ id }) => id === interrupted)?.title;
  const back = target === null || target.level === 'withdraw' ? '' : html` to <bdi>${visible(target.version)}</bdi>`;
  return {
    tone: 'bad',
    what: html`Decide now: roll ${version} back${back}, or continue${place === undefined ? '' : ` at ${place}`}.`,
    who: html`${asked}${until} ${capital(anyOf(operatingRoles))} can roll back; ${anyOf(signerRoles)} who did not start the run can continue. The first decision counts.`,
  };
};

const placeOf = ({ steps }: Rollback, step: string | null): string => {
  const place = steps.findIndex(({ id }) => id === step);
  return place < 0 ? 'The rollback' : `Step ${place + 1} of ${steps.length} (${steps[place]?.title})`;
};

const waiting = (rollback: Rollback, waits: Waits, names: Names): Now => {
  const place = placeOf(rollback, waits.step);
  if (waits.for === 'data')
    return {
      tone: 'wait',
      what: html`${place} waits for a decision about the data: restore it from the backup, or keep it.`,
      who: html`${capital(anyOf(dataRoles))} who did not start the run decides. ${
        waits.silentAt === null
          ? html`Nothing is restored or kept without an answer.`
          : html`Without an answer the data is kept at ${deadline(waits.silentAt)}.`
      } ${capital(anyOf(endingRoles))} can end the rollback instead.`,
    };
  const why = html`<bdi>${visible(withNames(waits.reason, names))}</bdi>`;
  if (waits.for === 'step' && canOnlyEnd(rollback))
    return {
      tone: 'bad',
      what: html`The ${rollback.isDrill ? 'drill' : 'rollback'} cannot begin: ${why}.`,
      who: html`${capital(anyOf(endingRoles))} ends it. Until then it waits.`,
    };
  if (waits.for === 'step') {
    const step = choosableStep(rollback);
    const inHand = step !== undefined && isInHand(step);
    return {
      tone: inHand ? 'wait' : 'bad',
      what: html`${place} waits for people: ${why}.`,
      who: html`${capital(anyOf(operatingRoles))} ${inHand ? 'carries it out and says so' : 'tries it again or does it by hand'}. It does not go on without them.`,
    };
  }
  return {
    tone: 'wait',
    what: html`${place} is under way: ${why}.`,
    who: html`Nobody has to do anything now.${canOnlyEnd(rollback) ? html` If it takes longer than some minutes, ${anyOf(endingRoles)} can end it.` : ''}${waits.silentAt === null ? '' : html` If there is no answer by ${deadline(waits.silentAt)}, it is tried again, or people are asked.`}`,
  };
};

const stopped = ({ requestsStopped }: Rollback): Markup | '' =>
  requestsStopped ? html`New requests are stopped, or may be: make sure that the service accepts them.` : '';

/** What was recorded since an instant: for a form that was refused because the run had gone on. */
export const changesSince = ({ rollback }: RunView, since: string, names: Names): readonly Markup[] => {
  if (rollback === null) return [];
  const later = (at: string | null | undefined): at is string => at != null && at > since;
  const { triggers, decision, data, steps } = rollback;
  return [
    ...triggers.filter(({ at }) => later(at)).map((one) => html`${time(one.at)}: ${one.title} was ${triggerWords(one, names)}.`),
    ...(decision !== null && later(decision.at)
      ? [
          html`${time(decision.at)}: decided ${decision.by === null ? 'without a person' : html`by ${inStead(decision.by, decision.for, names)}`}: ${asWords(decision.decision)}.`,
        ]
      : []),
    ...(data !== null && later(data.at)
      ? [
          html`${time(data.at)}: the data is ${data.choice === 'keep' ? 'kept' : 'restored'}${data.by === null ? '' : html`, decided by ${names(data.by)}`}.`,
        ]
      : []),
    ...steps.flatMap(({ title, chosen, attempt, endedAt, outcome }) => [
      ...(chosen !== null && later(chosen.at)
        ? [html`${time(chosen.at)}: ${title}: ${names(chosen.by)} chose ${asWords(chosen.choice)}.`]
        : []),
      ...(attempt !== null && later(attempt.at) ? [html`${time(attempt.at)}: ${title}: attempt ${attempt.attempt} began.`] : []),
      ...(later(endedAt) ? [html`${time(endedAt)}: ${title}: ${asWords(outcome)}.`] : []),
    ]),
  ];
};
