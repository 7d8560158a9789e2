import { html } from 'hono/html';
import { type Attestable, attestableBy, attestPageOf } from '../query/attestable.ts';
import { approvalsNow, incidentId, isOver } from '../query/gate-state.ts';
import { openChecks, type Supply } from '../query/supply.ts';
import type { Finding, GateView } from '../query/view.ts';
import { capital, counted } from '../wording.ts';
import { type About, checkLink, listed } from './about-run.ts';
import { answerPill, askedName } from './answers.ts';
import { asWords, visible, withNames } from './format.ts';
import { deadline, type Markup, time, verdictPill } from './layout.ts';
import { openActs, operatingActsOf } from './operating-acts.ts';
import { command, moreCommands, supplySentence, supplyTime, supplyTitles, whose } from './supply.ts';

/** Checks that the same thing supplies: one command sends all reports of a type. */
type Group = { readonly supply: Supply; readonly checks: readonly Finding[] };

/** What the gate waits for: of each check the thing that supplies it and whose that is, then what else keeps the gate. */
export const waitsFor = (gate: GateView, about: About): Markup => {
  const { open, others } = reasonsOf(gate, about);
  const groups = groupsOf(open, about);
  const heads = [...new Set(groups.map(({ supply }) => headOf(supply)))];
  return html`${listed(others, about.names)}${
    heads.length === 0
      ? ''
      : html`<ul class="plain wanted">${heads.map((head) =>
          section(
            groups.filter(({ supply }) => headOf(supply) === head),
            gate,
            about,
          ),
        )}</ul>`
  }${gate.id === incidentId ? incident(about) : ''}`;
};

/** The same in short: what keeps the gate, who has signed, and how many checks are open. */
export const keptBy = (gate: GateView, about: About): Markup => {
  const { run } = about;
  const { open, others } = reasonsOf(gate, about);
  const isSigned = ({ check }: Finding): boolean => run.supplies.some((one) => one.check === check && one.way === 'signatures');
  const supplied = open.filter((one) => !isSigned(one));
  return html`${listed(others, about.names)}${open.some(isSigned) ? signatures(gate, about) : ''}${
    supplied.length === 0
      ? ''
      : html`<p>${counted(supplied.length, 'check')} ${supplied.length === 1 ? 'is' : 'are'} open: <a href="/runs/${run.run}">the page of the run</a> shows what is missing.</p>`
  }`;
};

/** The checks that are open, and the reasons that are about none of them. */
const reasonsOf = (gate: GateView, { run }: About): { readonly open: readonly Finding[]; readonly others: readonly string[] } => {
  const open = openChecks(run.gates, gate);
  const isOpenCheck = (reason: string): boolean => open.some(({ title }) => reason.replace(/^re-opened: /, '').startsWith(`${title}: `));
  return { open, others: gate.reasons.filter((reason) => !isOpenCheck(reason)) };
};

/** What stands above the checks that are supplied in the same way by the same people. */
const headOf = (supply: Supply): string => `${supplyTitles[supply.way]}\n${supply.way === 'signatures' ? '' : whose(supply)}`;

/** Those that evidence spoke against come first: they need a reader most. */
const groupsOf = (open: readonly Finding[], { run }: About): readonly Group[] => {
  const groups = new Map<string, { supply: Supply; checks: Finding[] }>();
  for (const finding of open) {
    const supply = run.supplies.find(({ check }) => check === finding.check);
    if (supply === undefined) continue;
    const key = keyOf(supply);
    const group = groups.get(key) ?? { supply, checks: [] };
    group.checks.push(finding);
    groups.set(key, group);
  }
  const isJudged = ({ checks }: Group): boolean => checks.some(({ verdict }) => verdict !== 'missing');
  return [...groups.values()].sort((a, b) => Number(isJudged(b)) - Number(isJudged(a)));
};

/** Several checks can be attested together, whatever each is called; everything else is the same only with the same command. */
const keyOf = ({ way, roles, commands, after, from, wants }: Supply): string =>
  JSON.stringify([
    way === 'series' ? 'evidence' : way,
    way === 'signatures' ? [] : roles,
    way === 'attestation' ? [] : commands,
    after,
    from,
    way === 'look' ? wants : '',
  ]);

/** With more commands the card would push everything else off the screen. */
const mostUnfolded = 3;

const section = (groups: readonly Group[], gate: GateView, about: About): Markup => {
  const [title, owner] = headOf(groups[0]?.supply as Supply).split('\n');
  return html`<li><p><strong>${title}</strong>${owner === '' ? '' : html` <span class="soft">by ${owner}</span>`}</p>${groups.length > mostUnfolded ? folded(groups, about) : groups.map((group) => html`${checksIn(group, about)}${how(group, gate, about)}`)}</li>`;
};

/** The checks together, and every command behind one fold, each with the checks that it supplies. */
const folded = (groups: readonly Group[], about: About): Markup => {
  const judged = groups.map(({ supply, checks }) => ({ supply, checks: checks.filter(({ verdict }) => verdict !== 'missing') }));
  const missing = groups.flatMap(({ supply, checks }) =>
    checks.filter(({ verdict }) => verdict === 'missing').map((check) => linked(check, supply, about)),
  );
  return html`<p class="soft">What each check needs stands on its page.</p>${judged.map((group) => checksIn(group, about))}
${missing.length === 0 ? '' : html`<p>${verdictPill('missing')} ${missing.map((link, place) => html`${place === 0 ? '' : ', '}${link}`)}</p>`}
<details><summary>The commands</summary>${groups.map(({ supply, checks }) => html`<p class="soft">${checks.map(({ title }) => title).join(', ')}. ${supplyTime(supply)}</p>${supply.commands.map(command)}${moreCommands(supply)}`)}</details>`;
};

const checksIn = ({ supply, checks }: Group, about: About): Markup => {
  const judged = checks.filter(({ verdict }) => verdict !== 'missing');
  const missing = checks.filter(({ verdict }) => verdict === 'missing');
  return html`${judged.map((check) => html`<p>${verdictPill(check.verdict)} ${linked(check, supply, about)}: <bdi>${visible(withNames(check.reason, about.names))}</bdi></p>`)}
${missing.length === 0 || supply.way === 'signatures' ? '' : html`<p>${verdictPill('missing')} ${missing.map((check, place) => html`${place === 0 ? '' : ', '}${linked(check, supply, about)}`)}</p>`}
`;
};

/** Who may attest comes to the form at once. */
const linked = ({ check, title }: Finding, { way }: Supply, about: About): Markup => {
  const { run } = about;
  const own = ownAttestable(about);
  return way === 'attestation' && own.now.some((one) => one.check === check)
    ? html`<a href="${attestPageOf(run.run, check, own)}">${title}</a>`
    : checkLink(run.run, { check, title });
};

const ownAttestable = ({ run, viewer, now }: About): Attestable => attestableBy(run, viewer.roles, now);

const how = ({ supply, checks }: Group, gate: GateView, about: About): Markup => {
  const { run } = about;
  const when = supplyTime(supply);
  switch (supply.way) {
    case 'signatures':
      return signatures(gate, about);
    case 'attestation': {
      const { now: all, fields } = ownAttestable(about);
      const isHere = (one: Finding): boolean => checks.some(({ check }) => check === one.check);
      const [own, together] = [all.filter(isHere), fields.filter(isHere)];
      const ids = checks.map(({ check }) => check).join(' ');
      const form = own.length > 0 ? 'Each link opens its form' : `${capital(whose(supply))} finds the form on the page of each check`;
      return html`${together.length > 1 ? html`<p><a class="button" href="/runs/${run.run}/attest">Attest ${together.length < own.length ? `${together.length} of these checks` : `these ${counted(together.length, 'check')}`}</a></p>` : ''}<p class="soft">${when} ${form}. On the command line:${command(`holdpoint attest ${run.run} ${ids} --statement TEXT`)}</p>`;
    }
    case 'evidence':
    case 'series':
      return html`<div class="soft">${when} ${checks.length === 1 ? supplySentence(supply) : 'What each of them needs stands on its page.'}${supply.commands.map(command)}${moreCommands(supply)}</div>`;
    default:
      return html`<p class="soft">${when} ${supplySentence(supply)}${supply.commands.map(command)}${moreCommands(supply)}</p>${pageOf(supply)}`;
  }
};

const pageLinks: Readonly<Partial<Record<Supply['way'], string>>> = {
  labels: 'Go to the observations',
  rollback: 'Go to the rollback',
  explanations: 'Go to the inbox',
};
const pageOf = ({ way, page }: Supply): Markup | '' => {
  const words = pageLinks[way];
  return words === undefined || page === null ? '' : html`<p><a class="button quiet" href="${page}">${words}</a></p>`;
};

/** Who is asked in the round that counts, and what each of them has answered. */
const signatures = (gate: GateView, { run, names, viewer }: About): Markup => {
  const now = approvalsNow(gate);
  const round = Math.max(0, ...now.map((one) => one.round));
  const asked = now.filter((one) => one.round === round);
  if (asked.length === 0) return html`<p class="soft">Nobody is asked yet: the mails are sent as soon as the report is complete.</p>`;
  const own = asked.some((one) => one.person === viewer.id && one.answer === null && !one.invalidated && !one.recalled);
  return html`<ul class="plain">${asked.map((one) => html`<li>${answerPill({ ...one, over: isOver(gate) })} ${asWords(one.role)}: ${askedName(one, names)}${one.at === null ? (one.invalidated || one.recalled ? '' : html` <span class="soft">until ${deadline(one.expires)}</span>`) : html` <span class="soft">${time(one.at)}</span>`}</li>`)}</ul>
<p>${own ? html`<strong>You are asked: open the link in your mail.</strong> It leads to the report and the form.` : 'Each person who is asked has a mail with a link to the report and the form. Nobody else can open that link.'}</p>
<p class="soft">${openActs(run).includes('recall') ? html`If a mail was lost, operations or the person who started the run can <a href="/runs/${run.run}/operating">recall the requests</a> and ask again. ` : ''}${openActs(run).includes('ask-again') ? html`The requests are recalled. Operations or the person who started the run can <a href="/runs/${run.run}/operating">ask again</a>. ` : ''}The command line shows who has answered:${command(`holdpoint approvals ${run.run}`)}</p>`;
};

const incident = ({ run, viewer }: About): Markup =>
  html`<p>${operatingActsOf(run, viewer).end === null ? html`<a class="button" href="/runs/${run.run}/operating">Decide the incident</a>` : ''}</p><p class="soft">An operations lead decides; to resume the run, one who did not start it. On the command line:${command(`holdpoint incident ${run.run} --resume --reason TEXT`)}</p>`;
