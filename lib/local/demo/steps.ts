import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client } from '../../api/client.ts';
import type { GateView, RunView } from '../../query/view.ts';
import { Browser, formWith, type Page, unescaped } from './browser.ts';
import type { Show } from './output.ts';
import { Held, type LocalPerson, type Mail, type PlayedStage, type Report } from './stage.ts';

/** The run that is played, with those who take part in it. */
export type Play = {
  readonly stage: PlayedStage;
  readonly show: Show;
  readonly run: string;
  readonly ci: Client;
  /** Reads the run as an auditor does. */
  readonly auditor: Client;
  readonly commit: string;
  readonly artifact: { readonly component: string; readonly digest: string };
  readonly job: string;
  readonly shown: Set<string>;
};

/** A refusal in the middle of the play is a fault of the play: it is told whole. */
export const must = <T>(what: string, answer: Answer<T>): T => {
  if (answer.problem === undefined) return answer.ok;
  const { title, detail, got, expected, fix } = answer.problem;
  throw new Error(
    [`${what}: ${title}. ${detail}`, got && `got ${got}`, expected && `expected ${expected}`, fix].filter(Boolean).join('; '),
  );
};

export const send = async (play: Play, report: Report): Promise<void> => {
  const answer = await play.ci.recordEvidence({
    params: { run: play.run, type: report.type },
    query: {
      source: report.source,
      commit: play.commit,
      madeAt: report.madeAt,
      producerRun: play.job,
      producerAttempt: 1,
      ...(bound.has(report.type) ? { component: play.artifact.component, artifact: play.artifact.digest } : {}),
    },
    body: readFileSync(report.file),
    contentType: report.contentType,
  });
  const { judged, notCounted } = must(`evidence ${report.type}`, answer);
  play.show.line(
    `sent ${report.type} (${report.source}): ${[...judged.map((one) => `${one.check} ${one.verdict}`), ...notCounted.map((one) => `${one.check} not counted`)].join(', ') || 'serves no line'}`,
  );
};

/** Reports about the artifact itself carry its digest. */
const bound = new Set(['cyclonedx', 'series']);

export const holder = (stage: PlayedStage, role: string): LocalPerson => {
  const person = stage.people.find((one) => one.roles.includes(role));
  if (person === undefined) throw new Error(`nobody in the local roster is ${role}`);
  return person;
};

export const read = async (play: Play): Promise<RunView> => must('read the run', await play.auditor.readRun({ params: { run: play.run } }));

const gateOf = (view: RunView, id: string): GateView => {
  const gate = view.gates.find((one) => one.id === id);
  if (gate === undefined) throw new Error(`the run has no gate ${id}`);
  return gate;
};

/** How long a gate may stay held before the player gives up, and how long it may wait beyond its window. Milliseconds. */
const holdMs = 8_000;
const patienceMs = 90_000;

/** Shows every gate as it settles, up to this one. A hold that lasts is one that the player cannot mend. */
export const until = async (play: Play, id: string, state: 'settled' | 'open' = 'settled'): Promise<GateView> => {
  const began = Date.now();
  let heldSince: number | undefined;
  for (;;) {
    play.stage.shop.signal.throwIfAborted();
    const view = await read(play);
    const gate = gateOf(view, id);
    for (const one of view.gates) {
      if (one.settledAt === null || play.shown.has(one.id)) continue;
      play.shown.add(one.id);
      play.show.gate(one);
    }
    if (gate.settledAt !== null || (state === 'open' && gate.state !== 'ahead')) return gate;
    const blocked = view.gates.find((one) => one.state === 'blocked');
    heldSince = blocked === undefined ? undefined : (heldSince ?? Date.now());
    if (blocked !== undefined && heldSince !== undefined && Date.now() - heldSince > holdMs) {
      play.show.held(blocked);
      throw new Held(`${blocked.title} is held: ${blocked.reasons[0] ?? 'no reason given'}`);
    }
    if (view.outcome !== 'running' && view.outcome !== 'blocked') throw new Held(`the run ended as ${view.outcome}`);
    if (Date.now() - began > patienceMs) {
      play.show.held(gate);
      throw new Held(`${gate.title} did not settle: ${gate.reasons[0] ?? 'nothing is missing'}`);
    }
    if (Date.now() - began > 1_000)
      play.show.progress(`${gate.title}: ${gate.state}${gate.reasons[0] === undefined ? '' : `, ${gate.reasons[0]}`}`);
    await sleep(250);
  }
};

/** Every attested line of a gate, each by a signed-in holder of its role, in their own words. */
export const attestGate = async (play: Play, gate: string, words: Readonly<Record<string, string>>): Promise<void> => {
  const lines = gateOf(await read(play), gate).checks;
  for (const [id, statement] of Object.entries(words)) {
    const line = lines.find((one) => one.check === id);
    if (line === undefined) throw new Error(`the gate ${gate} has no line ${id}`);
    const person = holder(play.stage, line.owner);
    const client = await play.stage.person(person.id);
    must(`attest ${id}`, await client.attest({ params: { run: play.run, check: id }, body: { statement } }));
  }
  play.show.line(`attested: ${Object.keys(words).join(', ')}`);
};

/** What does not exist here is excepted with its reason by the line's owner, and never invented. */
export const waive = async (play: Play, gate: string, check: string, reason: string): Promise<void> => {
  const line = gateOf(await read(play), gate).checks.find((one) => one.check === check);
  if (line === undefined) throw new Error(`the gate ${gate} has no line ${check}`);
  const owner = await play.stage.person(holder(play.stage, line.owner).id);
  const until = new Date(Date.now() + waiverMs).toISOString();
  must(`waive ${check}`, await owner.waive({ params: { run: play.run, check }, body: { reason, until } }));
  play.show.line(`waived: ${check}. ${reason}`);
};
/** Longer than any play. */
const waiverMs = 3_600_000;

/** Somebody opens the run's page in a browser, and signs in for it. */
export const readPage = async (play: Play, person: LocalPerson): Promise<{ readonly gates: number }> => {
  const browser = new Browser();
  const first = await browser.open(`${play.stage.publicUrl}/runs/${play.run}`);
  const page = await signIn(play.stage, browser, first, person);
  const text = textOf(page);
  const view = await read(play);
  if (page.status !== 200 || !text.includes(view.version))
    throw new Error(`${person.name} sees no page of the run (status ${page.status})`);
  return { gates: view.gates.filter(({ title }) => text.includes(title)).length };
};

/** Three people read their mail, open the link, sign in, read the report, type its code and approve. */
export const approveAll = async (play: Play, gate: string): Promise<void> => {
  await until(play, gate, 'open');
  const asked = (await waitForRequests(play, gate)).approvals;
  for (const { person } of asked.filter((one) => one.answer === null && !one.invalidated)) {
    const signer = play.stage.people.find((one) => one.id === person);
    if (signer === undefined) throw new Error(`${person} is asked and not in the local roster`);
    await approve(play, signer, await linkFor(play, signer));
    play.show.line(`${signer.name} signed in, read the report and approved`);
  }
};

/** The checklist asks three roles, and the local roster has one person in each. */
const roles = 3;

const waitForRequests = async (play: Play, gate: string): Promise<GateView> => {
  for (let turn = 0; turn < 120; turn += 1) {
    play.stage.shop.signal.throwIfAborted();
    const view = await read(play);
    const found = gateOf(view, gate);
    if (found.approvals.filter((one) => !one.invalidated).length >= roles) return found;
    if (found.state === 'blocked') throw new Held(`${found.title} is held: ${found.reasons[0]}`);
    await sleep(250);
  }
  throw new Held(`nobody was asked at ${gate}`);
};

const used = new Set<string>();

const linkFor = async (play: Play, person: LocalPerson): Promise<string> => {
  for (let turn = 0; turn < 60; turn += 1) {
    play.stage.shop.signal.throwIfAborted();
    for (const mail of await play.stage.mails()) {
      const link = linkIn(mail, play.stage.publicUrl);
      if (link !== undefined && mail.to.includes(person.address) && mail.text.includes(play.run) && !used.has(link)) {
        used.add(link);
        return link;
      }
    }
    await sleep(250);
  }
  throw new Error(`no mail with a link for ${person.name} arrived`);
};

const linkIn = (mail: Mail, base: string): string | undefined => {
  const start = mail.text.indexOf(`${base}/approvals/`);
  return start < 0 ? undefined : /^\S+/.exec(mail.text.slice(start))?.[0];
};

const approve = async (play: Play, person: LocalPerson, link: string): Promise<void> => {
  const browser = new Browser();
  const page = await signIn(play.stage, browser, await browser.open(link), person);
  const code = /class="code">([0-9A-F]{6})</.exec(page.html)?.[1];
  if (code === undefined) throw new Error(`the approval page shows no code (status ${page.status})`);
  const done = await browser.submit(page, formWith(page, 'confirmation'), { answer: 'approved', confirmation: code, note: '' });
  if (done.status >= 400 || formsConfirm(done))
    throw new Error(`the answer of ${person.name} was not taken (status ${done.status}): ${textOf(done).slice(0, 300)}`);
};

const formsConfirm = (page: Page): boolean => page.html.includes('name="confirmation"');
const textOf = (page: Page): string =>
  unescaped(page.html.replace(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();

/** Goes through the provider's login form when the page asks for it. */
const signIn = async (stage: PlayedStage, browser: Browser, page: Page, person: LocalPerson): Promise<Page> => {
  const filled = stage.credentials(person.id);
  const [field = ''] = Object.keys(filled);
  if (!page.html.includes(`name="${field}"`)) return page;
  return browser.submit(page, formWith(page, field), filled);
};
