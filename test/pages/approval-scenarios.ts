import { type Checklist, checksOf } from '../../lib/checklist/definition.ts';
import { listsCommits } from '../../lib/registry/rules.ts';
import type { Role } from '../../lib/roles.ts';
import { attest } from '../../lib/run/commands/attest.ts';
import { declareNotApplicable } from '../../lib/run/commands/declare-not-applicable.ts';
import { recallApproval } from '../../lib/run/commands/recall-approval.ts';
import { anew } from '../given.ts';
import * as signOff from '../story.ts';
import { supersede } from '../superseded.ts';
import * as given from './page-scenarios.ts';

/** Requests of approvals that are open no more, were asked again, or ask somebody else, in the states in which people find them. */

export const deputy = 'p-deputy0001';

/** The operations lead is away, and a deputy may answer. */
export const withDeputy = async (): Promise<given.Story> => {
  const { roster, ...stage } = given.pagesStage();
  const span = { from: '2026-01-01T00:00:00.000Z', to: '2026-12-31T00:00:00.000Z' };
  const [first] = roster;
  if (first === undefined) throw new Error('the roster is empty');
  const all = [
    ...roster.map((one) => (one.id === given.operations ? { ...one, deputies: [{ person: deputy, ...span }] } : one)),
    {
      ...first,
      id: deputy,
      name: 'Dora Deputy',
      address: `${deputy}@example.com`,
      roles: ['operator' as const],
      subjects: [],
      starters: [],
    },
  ];
  return given.toGoNoGo(await given.inSecond({}, { ...stage, roster: all }));
};

export const expired = async (): Promise<given.Story> => {
  const story = await given.atGoNoGo();
  story.deps.controls.clock.advance(8 * 86_400_000);
  return story;
};

/** `reason`: what the requester wrote about it. */
export const recalled = async (reason = 'The wrong ticket was named.'): Promise<given.Story> => {
  const story = await given.atGoNoGo();
  const request = { run: story.run, gate: 'go-no-go', action: 'recall', reason } as const;
  const done = await recallApproval(story.deps, request, given.callerOf(story, given.operations));
  if (done.refused) throw new Error(JSON.stringify(done.refused));
  await story.machine.settle();
  return story;
};

/** Decided by the rejection of another person. */
export const closed = async (): Promise<given.Story> => {
  const story = await given.atGoNoGo();
  await given.answerAs(story, given.operations, 'rejected');
  await story.machine.settle();
  return story;
};

/** A quarter of an hour later people are asked again. */
export const askedAgain = async ({ deps, run, machine }: given.Story): Promise<void> => {
  deps.controls.clock.advance(signOff.hour / 4);
  await deps.reconciler.request(run);
  await machine.settle();
};

/** The report has changed after the first answer, and everybody was asked again. */
export const inRoundTwo = async (): Promise<given.Story> => {
  const story = await given.atGoNoGo();
  await given.answerAs(story, given.operations, 'approved');
  await given.changeReport(story);
  await askedAgain(story);
  return story;
};

/** Two colleagues have answered with notes of some lines; the release has a long reason, many changes, and somebody asked for it with a long name. */
export const muchToRead = async (): Promise<given.Story> => {
  const changes = Array.from({ length: 20 }, (_, n) => `https://code.example/shop/checkout/pull/${812 + n}`);
  const reason = 'Customers asked for vouchers in the cart, and the spring sale begins on Monday. '.repeat(11);
  const story = await given.atGoNoGo({ reason, changes, requestedBy: `The spring sale, ${'on behalf of the shop team, '.repeat(3)}` });
  const note = 'I have read the report, the load tests and the plan for the way back; the dashboard follows on Tuesday. ';
  await given.answerAs(story, given.operations, 'approved', note);
  await given.answerAs(story, given.product, 'approved', note.repeat(6));
  return story;
};

type Asked = given.Story & { readonly link: string };

/** The release runs, and its signers are asked whether it stays. */
export const atSignOff = async (): Promise<Asked> => {
  const story = await signOff.toSignOff();
  return { ...story, stage: given.pagesStage(), link: signOffLink(story, 'technical-lead') };
};

/** The link that was mailed to who holds the role. */
export const signOffLink = ({ deps }: Pick<given.Story, 'deps'>, role: Role): string => {
  const [address] = deps.roster.holders(role).map((one) => one.address);
  const mail = deps.controls.mailer.mails.findLast(({ subject, to }) => subject === 'approval-requested' && to.address === address);
  const link = /\/approvals\/([\w-]+)/.exec(mail?.text ?? '')?.[1];
  if (link === undefined) throw new Error('nobody was asked to sign off');
  return link;
};

/** A newer release takes the environment over while people are asked to sign off. */
export const superseded = async (): Promise<Asked> => {
  const story = await atSignOff();
  await supersede(story);
  await story.machine.settle();
  return story;
};

const reported = ['phase-1', 'phase-2', 'phase-3'];

/** Every check of the document and of Holdpoint in the one report that people sign: what is not in it elsewhere is attested at the first gate, or declared not applicable. */
const allInOneReport = (checklist: Checklist): Checklist => ({
  ...checklist,
  items: checklist.items.map((item) => {
    const isOfAuthors = item.rule !== null && listsCommits(item.rule);
    if (isOfAuthors || item.kind.includes('sign-off') || reported.some((gate) => gate === item.gate)) return item;
    const { needs: _needs, sources: _sources, declared: _declared, onFail: _onFail, ...rest } = item;
    const rule = { kind: 'attested/1', evidence: 'attestation', role: 'technical-lead' } as const;
    return {
      ...rest,
      kind: 'check',
      gate: 'phase-1',
      owner: 'technical-lead',
      rule,
      scope: 'run',
      after: null,
      mode: 'required',
      optional: true,
    };
  }),
});

/** Open at the go / no-go, with a report of every check, of which every third beside the usual ones is an exception in words of its own. */
export const withEveryLine = async (): Promise<given.Story> => {
  const usual = given.checklist();
  const all = allInOneReport(usual);
  const story = await given.begin({}, given.pagesStage(), all);
  const further = checksOf(all, 'phase-1').filter(({ id }) => !checksOf(usual, 'phase-1').some((one) => one.id === id));
  for (const [place, { id: check, title }] of further.entries()) {
    const about = { request: anew(), run: story.run, check };
    const by = given.callerOf(story, given.technical);
    const done =
      place % 3 === 0
        ? await declareNotApplicable(story.deps, { ...about, reason: `The shop has nothing to which this line applies: ${title}.` }, by)
        : await attest(story.deps, { ...about, statement: 'I have looked at it today.' }, by);
    if (done.refused) throw new Error(JSON.stringify(done.refused));
  }
  return given.toGoNoGo(await given.toSecond(story));
};
