import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Client } from '../../api/client.ts';
import { withNames } from '../../cli/names.ts';
import { hasEnded, isOver } from '../../query/gate-state.ts';
import type { GateView, RunView } from '../../query/view.ts';
import { Browser, formWith, type Page, unescaped } from '../browser.ts';
import type { AfterDeployment } from './after-deployment.ts';
import type { Output } from './output.ts';
import type { Probe } from './probe.ts';
import type { PreparedRelease } from './release.ts';
import { Blocked, type DemoStage, type LocalPerson, type Mail } from './stage.ts';
import { inTurn } from './turns.ts';
import { waitFor } from './waiting.ts';

/** What the shop consists of. */
export const component = 'shop';

/** The demo's run, with everything that its steps need. */
export type Demo = {
  readonly stage: DemoStage;
  readonly output: Output;
  readonly run: string;
  readonly ci: Client;
  /** Reads the run as an auditor. */
  readonly auditor: Client;
  readonly release: PreparedRelease;
  readonly artifact: { readonly component: string; readonly digest: string };
  readonly job: string;
  /** Gates that have been printed. */
  readonly printed: Set<string>;
  /** Called when the release is live and watched; null for one that the demo does not watch. */
  readonly whenWatched: (() => void) | null;
  /** Called when nothing is measured any more that other work would disturb. */
  readonly whenMeasured: () => void;
  /** The newest rehearsal of the rollback, which the attestations quote. */
  readonly rehearsal: () => Promise<string>;
  /** What is watched from the deployment on, and proved then. */
  watching?: Watching;
  /** What is sent for the validation once it was made. */
  validating?: Promise<unknown>;
};

/** Two series, and the checksum of the orders from before the deployment with the ids of these orders. */
export type Watching = {
  readonly monitoring: Probe;
  readonly stability: Probe;
  readonly orders: readonly string[];
  readonly checksum: string;
  readonly proving: AfterDeployment;
  /** Called when the series `monitoring` has been measured. */
  readonly whenMonitored: () => void;
};

/** A run that is followed and answered, whatever was sent to it. */
export type Followed = Pick<Demo, 'stage' | 'output' | 'run' | 'auditor' | 'printed'>;

/** The answer's value. The API should refuse nothing that the demo does, so a problem is thrown with all its details. */
export const must = <T>(what: string, answer: Answer<T>): T => {
  if (answer.problem === undefined) return answer.ok;
  const { title, detail, got, expected, fix } = answer.problem;
  throw new Error(
    [`${what}: ${title}. ${detail}`, got && `got ${got}`, expected && `expected ${expected}`, fix].filter(Boolean).join('; '),
  );
};

export const holder = (stage: DemoStage, role: string): LocalPerson => {
  const person = stage.people.find((one) => one.roles.includes(role));
  if (person === undefined) throw new Error(`no person in the local roster has the role ${role}`);
  return person;
};

export const read = async (demo: Followed): Promise<RunView> =>
  must('read the run', await demo.auditor.readRun({ params: { run: demo.run } }));

export const gateOf = (view: RunView, id: string): GateView => {
  const gate = view.gates.find((one) => one.id === id);
  if (gate === undefined) throw new Error(`the run has no gate ${id}`);
  return gate;
};

/** How long a gate may stay blocked, and how long the demo waits for a gate at all, for the requests of approvals, for a mail, and for a page. Milliseconds. */
const limits = { blocked: 8_000, gate: 90_000, requests: 30_000, link: 15_000 } as const;

/** The whole run is a large reading. It is read anew when the lane of the gate has grown, and after this many milliseconds. */
const wholeAfter = 2_000;

/** How many events the lane of a gate holds: a short reading. */
const gateEvents = async (demo: Followed, gate: string): Promise<number> =>
  must('read a gate', await demo.auditor.listRunEvents({ params: { run: demo.run }, query: { lane: `gate/${gate}` } })).events.length;

/** Waits until a gate is settled, or open. Prints every gate that settles meanwhile. Throws `Blocked` when a gate stays blocked. */
export const until = async (demo: Followed, id: string, state: 'settled' | 'open' = 'settled'): Promise<GateView> => {
  const began = Date.now();
  let blockedSince: number | undefined;
  for (let seen = -1, looked = 0; ; await sleep(250)) {
    demo.stage.workspace.signal.throwIfAborted();
    const events = await gateEvents(demo, id);
    if (events === seen && Date.now() - looked < wholeAfter) continue;
    [seen, looked] = [events, Date.now()];
    const view = await read(demo);
    const gate = gateOf(view, id);
    printSettled(demo, view);
    if (isOver(gate) || (state === 'open' && gate.state !== 'ahead')) return gate;
    const blocked = view.gates.find((one) => one.state === 'blocked');
    blockedSince = blocked === undefined ? undefined : (blockedSince ?? Date.now());
    if (blocked !== undefined && blockedSince !== undefined && Date.now() - blockedSince > limits.blocked) {
      demo.output.openGate(blocked, demo.stage.people);
      throw new Blocked(`The run is blocked at the gate "${blocked.title}" for the reasons above.`);
    }
    if (hasEnded(view)) throw new Blocked(`The run has ended: ${view.outcome}.`);
    if (Date.now() - began > limits.gate) {
      demo.output.openGate(gate, demo.stage.people);
      throw new Blocked(`The gate "${gate.title}" did not pass within ${limits.gate / 1000} s for the reasons above.`);
    }
    if (Date.now() - began > 1_000)
      demo.output.progress(
        `${gate.title}: ${gate.state}${gate.reasons[0] === undefined ? '' : `, ${withNames(gate.reasons[0], demo.stage)}`}`,
      );
  }
};

const printSettled = (demo: Followed, view: RunView): void => {
  for (const gate of view.gates) {
    if (!isOver(gate) || demo.printed.has(gate.id)) continue;
    demo.printed.add(gate.id);
    demo.output.settledGate(gate, demo.stage.people);
  }
};

export const checkOf = (gate: GateView, id: string): GateView['checks'][number] => {
  const found = gate.checks.find((one) => one.check === id);
  if (found === undefined) throw new Error(`the gate ${gate.id} has no check ${id}`);
  return found;
};

/** The roles that own the checks of a gate. */
export const checkOwner = async (demo: Followed, gate: string): Promise<(check: string) => string> => {
  const view = gateOf(await read(demo), gate);
  return (check) => checkOf(view, check).owner;
};

/** Attests checks of a gate, each as a signed-in holder of the check's role. */
export const attestGate = async (demo: Followed, gate: string, statements: Readonly<Record<string, string>>): Promise<void> => {
  const owners = await checkOwner(demo, gate);
  const attested = Object.entries(statements).map(async ([check, statement]) => {
    const client = await demo.stage.person(holder(demo.stage, owners(check)).id);
    must(`attest ${check}`, await inTurn(() => client.attest({ params: { run: demo.run, check }, body: { statement } })));
  });
  await Promise.all(attested);
  demo.output.line(`attested by signed-in people: ${Object.keys(statements).join(', ')}`);
};

/** A person signs in and opens the run's page. Returns how many gates of the run the page shows. */
export const readPage = async (demo: Followed, person: LocalPerson): Promise<{ readonly gates: number }> => {
  const browser = new Browser();
  const first = await browser.open(`${demo.stage.publicUrl}/runs/${demo.run}`);
  const page = await signIn(demo.stage, browser, first, person);
  const text = textOf(page);
  const view = await read(demo);
  if (page.status !== 200 || !text.includes(view.version))
    throw new Error(`${person.name} cannot open the page of the run (status ${page.status})`);
  return { gates: view.gates.filter(({ title }) => text.includes(title)).length };
};

/** Every requested person, all at once: reads the mail, opens its link, signs in, reads the report, types its code and approves. */
export const approveAll = async (demo: Followed, gate: string): Promise<void> => {
  await until(demo, gate, 'open');
  const requested = (await waitForRequests(demo, gate)).approvals;
  const open = requested.filter((one) => one.answer === null && !one.invalidated);
  const answered = open.map(async ({ person }) => {
    const approver = demo.stage.people.find((one) => one.id === person);
    if (approver === undefined) throw new Error(`the gate ${gate} asks ${person}, who is not in the local roster`);
    await approve(demo, approver, await linkFor(demo, approver));
    demo.output.line(`${approver.name} signed in, read the report and approved`);
  });
  await Promise.all(answered);
};

/** The checklist asks three roles, and each has one person in the local roster. */
const roles = 3;

const waitForRequests = (demo: Followed, gate: string): Promise<GateView> => {
  const began = Date.now();
  return waitFor({
    limitMs: limits.requests,
    signal: demo.stage.workspace.signal,
    what: () => `the request for the approvals of the gate ${gate}`,
    look: async () => {
      const query = { lane: `approval/${gate}`, type: 'approval.requested' };
      const { events } = must('read the requests', await demo.auditor.listRunEvents({ params: { run: demo.run }, query }));
      if (events.length < roles && Date.now() - began < wholeAfter) return undefined;
      const found = gateOf(await read(demo), gate);
      if (found.approvals.filter((one) => !one.invalidated).length >= roles) return found;
      if (found.state === 'blocked')
        throw new Blocked(`The run is blocked at the gate "${found.title}": ${withNames(found.reasons[0] ?? '', demo.stage)}`);
      return undefined;
    },
  });
};

const usedLinks = new Set<string>();

const linkFor = (demo: Followed, person: LocalPerson): Promise<string> =>
  waitFor({
    limitMs: limits.link,
    signal: demo.stage.workspace.signal,
    what: () => `a mail with a link to ${person.name}`,
    look: async () => {
      const mails = (await demo.stage.mails()).filter(({ to, text }) => to.includes(person.address) && text.includes(demo.run));
      const link = mails.map((mail) => linkIn(mail, demo.stage.publicUrl)).find((one) => one !== undefined && !usedLinks.has(one));
      if (link !== undefined) usedLinks.add(link);
      return link;
    },
  });

const linkIn = (mail: Mail, base: string): string | undefined => {
  const start = mail.text.indexOf(`${base}/approvals/`);
  return start < 0 ? undefined : /^\S+/.exec(mail.text.slice(start))?.[0];
};

const approve = async (demo: Followed, person: LocalPerson, link: string): Promise<void> => {
  const browser = new Browser();
  const page = await shown(demo, browser, await signIn(demo.stage, browser, await browser.open(link), person));
  const code = /class="code">([0-9A-F]{6})</.exec(page.html)?.[1];
  if (code === undefined) throw new Error(`the approval page shows no code (status ${page.status})`);
  const done = await browser.submit(page, formWith(page, 'confirmation'), { answer: 'approved', confirmation: code, note: '' });
  if (done.status >= 400 || asksAgain(done))
    throw new Error(`the answer of ${person.name} was not accepted (status ${done.status}): ${textOf(done).slice(0, 300)}`);
};

/** The page once the stage can show it: a stage that is too busy says so, and people load the page again. */
const shown = async (demo: Followed, browser: Browser, page: Page): Promise<Page> =>
  page.status < 500
    ? page
    : waitFor({
        limitMs: limits.link,
        signal: demo.stage.workspace.signal,
        what: () => `the page ${page.url}`,
        look: async () => {
          const again = await browser.open(page.url);
          return again.status < 500 ? again : undefined;
        },
      });

const asksAgain = (page: Page): boolean => page.html.includes('name="confirmation"');
const textOf = (page: Page): string =>
  unescaped(page.html.replace(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();

/** Submits the provider's login form if the page is that form. */
const signIn = async (stage: DemoStage, browser: Browser, page: Page, person: LocalPerson): Promise<Page> =>
  page.html.includes('name="login"') ? browser.submit(page, formWith(page, 'login'), stage.credentials(person.id)) : page;
