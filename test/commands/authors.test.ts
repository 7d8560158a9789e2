import { describe, expect, test } from 'vitest';
import { isType } from '../../lib/audit/event.ts';
import type { GateDefinition } from '../../lib/checklist/gates.ts';
import type { Person } from '../../lib/ports.ts';
import { readRun, readRunWithWords } from '../../lib/query/run-view.ts';
import { record } from '../../lib/rules/record-within.ts';
import { answerApproval } from '../../lib/run/commands/answer-approval.ts';
import { recordEvidence } from '../../lib/run/commands/record-evidence.ts';
import { startRun } from '../../lib/run/commands/start-run.ts';
import { waive } from '../../lib/run/commands/waive.ts';
import { reconcileGate } from '../../lib/run/gates/reconcile-gate.ts';
import { type FakeDependencies, signingFor } from '../fakes.ts';
import { anew, check, checklistOf, ci, commit, dependenciesOf, gate, reportOfRun, startInput } from '../given.ts';
import { atFirstGate } from '../machine.ts';
import { recordMadeAt } from '../samples.ts';
import { listCommits, type Story, sign, toGoNoGo } from '../story.ts';
import { answerAs, callerFor, letters, linkOf, pageFor, roles } from './approval-requests.ts';
import { explore, type Scenario } from './schedule-explorer.ts';

/** Somebody who wrote nothing of the release signs it, too. */

const person = (name: string, held: Person['roles'], commitsAs?: readonly string[]): Person => ({
  id: `p-${name}00001`,
  name,
  address: `${name}@example.com`,
  roles: held,
  ...(commitsAs === undefined ? {} : { commitsAs }),
});
const tina = person('tina', ['technical-lead'], ['Tina-Codes']);
const otto = person('otto', ['operations-lead'], ['otto@example.com']);
const paul = person('paul', ['product-owner'], ['paul-codes']);
const pia = person('pia', ['product-owner'], []);

type Signing = { readonly distinctPeople?: number; readonly asks?: (typeof roles)[number][] };

/** A run whose first gate asks for the approvals, and whose second one judges the reviews. */
const asking = async (people: readonly Person[], signing?: Signing): Promise<Story> => {
  const deps = signed(people, signing);
  const { run, machine } = await atFirstGate(deps);
  return { deps, run, machine };
};

const signed = (people: readonly Person[], { distinctPeople = 3, asks = [...roles] }: Signing = {}): FakeDependencies => {
  const signing: Partial<GateDefinition> = { role: 'approval', asks, distinctPeople, nonAuthors: 1, reports: ['phase-1'] };
  return dependenciesOf(
    checklistOf(
      [gate('go-no-go', signing), gate('phase-2')],
      [
        ...asks.map((role) => check(`go-${role}`, 'go-no-go', { rule: { kind: 'signed/1', role }, kind: 'sign-off', waivable: false })),
        check('reviewed', 'phase-2', { title: 'Code review', rule: record('reviews', { minCommits: 1 }) }),
      ],
    ),
    { people },
  );
};

/** CI lists the commits of the release, each with those who had a hand in it. */
const list = (story: Story, ...authors: readonly string[]): Promise<void> =>
  sendList(story, {
    commits: authors.map((author, place) => ({
      commit: place === authors.length - 1 ? commit : `${place}`.repeat(40),
      author,
      committers: ['tina-codes'],
      reviews: [],
    })),
  });

const sendList = async (story: Story, members: Readonly<Record<string, unknown>>): Promise<void> => {
  story.deps.controls.clock.advance(1000);
  const bytes = recordMadeAt('reviews', story.deps.clock.now(), members);
  const report = { ...reportOfRun(story.run, story.deps, bytes, { source: 'reviews' }), type: 'record', contentType: 'application/json' };
  const sent = await recordEvidence(signingFor([], story.deps), { ...report, producerRun: anew() }, ci);
  expect(sent.refused).toBeUndefined();
  await story.machine.settle();
};

const open = async ({ deps, run }: Story) => (await readRun(deps, run)).ok ?? expect.fail('no run');

describe('before people are asked', () => {
  test('it must be known who wrote the release: the gate says so, with the command, and nobody gets a mail', async () => {
    const story = await asking([tina, otto, pia]);
    expect(letters(story)).toEqual([]);
    const view = await open(story);
    expect(view.gates[0]?.reasons).toContain(
      'Code review: nobody is asked before it is known who wrote the release; send the record that `holdpoint reviews` writes, also where this check is waived, observed or dropped',
    );
    expect(view.supplies.find(({ check: id }) => id === 'reviewed')?.commands).toEqual([
      `holdpoint evidence ${story.run} reviews.record.json --type record --commit ${commit}`,
    ]);
    await list(story, 'Tina-Codes', 'octo-cat');
    expect(letters(story)).toHaveLength(3);
    expect(letters(story)[0]?.about.essentials.authors).toEqual({ names: ['tina'], others: 1, isUnnamed: false });
  });

  test('people of the roster are named, other accounts as their host names them, and nobody twice', async () => {
    const story = await asking([tina, otto, pia]);
    await list(story, 'TINA-codes', 'octo-cat', 'otto@example.com', 'Octo-Cat');
    expect((await pageFor(story, pia)).authors).toEqual({
      known: { people: [otto.id, tina.id], others: ['octo-cat'], isUnnamed: false },
      reader: 'no',
    });
    expect((await pageFor(story, tina)).authors?.reader).toBe('yes');
    expect((await readRunWithWords(story.deps, story.run)).ok?.authors).toEqual({ people: [otto.id, tina.id], others: 1, unnamed: false });
    expect((await open(story)).authors).toBeNull();
  });
});

describe('a list that does not say who wrote the release', () => {
  const unknown = 'Code review: nobody is asked before it is known who wrote the release; ';
  const reasons = async (story: Story) => (await open(story)).gates[0]?.reasons.filter((reason) => reason.startsWith(unknown));

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'ends at another commit',
      { commits: [{ commit: '9'.repeat(40), author: 'ada', reviews: [] }] },
      'the last commit listed is not the head',
    ],
    ['lists nothing although it begins elsewhere', { commits: [] }, 'the last commit listed is not the head'],
    [
      'names too many accounts',
      { commits: [{ commit, author: 'ada', committers: Array.from({ length: 5000 }, (_, place) => `bot-${place}`), reviews: [] }] },
      'too many authors: it names 5001 accounts, and at most 5000 are compared with those who sign',
    ],
  ])('holds the gate with its reason: %s', async (_what, members, reason) => {
    const story = await asking([tina, otto, pia]);
    await sendList(story, members);
    expect(await reasons(story)).toEqual([
      `${unknown}the record \`reviews\` does not say it (${reason}): write it again with \`holdpoint reviews\` and send it`,
    ]);
    expect(letters(story)).toEqual([]);
  });

  test('is none where the artifact was built anew from the live commit: nobody wrote anything', async () => {
    const story = await asking([tina, otto, pia]);
    await sendList(story, { base: commit, commits: [] });
    expect(await reasons(story)).toEqual([]);
    expect(letters(story)[0]?.about.essentials.authors).toEqual({ names: [], others: 0, isUnnamed: false });
    expect((await pageFor(story, tina)).authors?.reader).toBe('no');
  });

  test('is asked for with its command also where the line itself is waived', async () => {
    const story = await asking([tina, otto, pia]);
    const until = new Date(story.deps.clock.now().getTime() + 3_600_000).toISOString();
    const by = callerFor(story, tina);
    const said = { request: anew(), run: story.run, check: 'reviewed', reason: 'There is no second reviewer.', until };
    expect((await waive(signingFor(['people'], story.deps), said, by)).refused).toBeUndefined();
    const view = await open(story);
    expect(view.gates[1]?.checks[0]?.verdict).toBe('waived');
    expect(view.supplies.find(({ check: id }) => id === 'reviewed')?.commands).toHaveLength(1);
  });
});

describe('an author whose account the code host does not know', () => {
  const silent = person('silent', ['product-owner']);
  test.each<[string, object]>([
    ['a commit without an author', { committers: [] }],
    ['a commit with unknown hands', { author: 'octo-cat', unknownHands: true }],
    ['an older record', { author: 'unknown to GitHub' }],
    ['an older record of GitLab', { author: 'octo-cat', committers: ['unknown to GitLab'] }],
  ])('may be everybody who commits: %s', async (_what, hands) => {
    const story = await asking([tina, otto, paul, pia, silent]);
    await sendList(story, { commits: [{ commit, reviews: [], ...hands }] });
    const reader = async (who: Person) => (await pageFor(story, who)).authors?.reader;
    expect(await Promise.all([tina, paul, silent, pia].map(reader))).toEqual(['unknown', 'unknown', 'unknown', 'no']);
    const known = (await pageFor(story, pia)).authors?.known;
    expect(known?.isUnnamed).toBe(true);
    expect(known?.others).not.toContain('unknown to github');
  });
});

describe('the last approval that is missing', () => {
  test('is refused to an author where all others are authors, with what to do; somebody who is none may give it', async () => {
    const story = await asking([tina, otto, paul, pia]);
    await list(story, 'tina-codes', 'otto@example.com', 'paul-codes');
    expect((await answerAs(story, tina)).ok?.state).toBe('answered');
    expect((await answerAs(story, otto)).ok?.state).toBe('answered');
    const { refused } = await answerAs(story, paul);
    expect(refused).toMatchObject({ type: 'approval-all-authors', expected: 'an approval of somebody who is no author of the release' });
    expect(refused?.fix).toContain('Leave the answer to somebody else who is product-owner');
    await story.machine.settle();
    expect(story.machine.at()).toBe('go-no-go');
    expect((await answerAs(story, pia)).ok?.state).toBe('answered');
    await story.machine.settle();
    expect(story.machine.at()).toBe('phase-2');
  });

  test.each<[string, readonly string[], string | undefined]>([
    [
      'is refused to somebody of whom the roster names no accounts, while an author is in no list of it',
      ['octo-cat'],
      'approval-all-authors',
    ],
    ['counts from such a person where every author is in the roster', ['otto@example.com'], undefined],
  ])('%s', async (_what, others, type) => {
    const silent = person('silent', ['product-owner']);
    const story = await asking([tina, otto, silent]);
    await list(story, 'otto@example.com', ...others, 'tina-codes');
    for (const author of [tina, otto]) expect((await answerAs(story, author)).refused).toBeUndefined();
    const { refused } = await answerAs(story, silent);
    expect(refused?.type).toBe(type);
    if (type !== undefined) expect(refused?.fix).toContain('`commitsAs`');
  });

  test('may always be a no', async () => {
    const story = await asking([tina, otto, paul]);
    await list(story, 'tina-codes', 'otto@example.com', 'paul-codes');
    for (const author of [tina, otto]) await answerAs(story, author);
    expect((await answerAs(story, paul, 'rejected')).refused).toBeUndefined();
    await story.machine.settle();
    expect(story.deps.controls.workflow.answers.at(-1)).toMatchObject({ sent: { output: { outcome: 'rejected' } } });
  });

  test('of two authors who answer at the same moment one counts, and the other may still say no', async () => {
    const setUp = async (): Promise<Scenario> => {
      const story = await asking([tina, otto], { asks: ['technical-lead', 'operations-lead'], distinctPeople: 2 });
      await list(story, 'tina-codes', 'otto@example.com');
      const said = new Map<Person, string>();
      const sends = (who: Person) => async (deps: FakeDependencies) => {
        const page = await pageFor({ ...story, deps }, who);
        const given = { link: linkOf(story, who), answer: 'approved', confirmation: page.code, report: page.report, note: '' } as const;
        const { refused } = await answerApproval(deps, given, callerFor(story, who));
        said.set(who, refused?.type ?? 'recorded');
      };
      return {
        deps: story.deps,
        lanes: ['approval'],
        processes: { first: sends(tina), second: sends(otto) },
        check: async () => {
          expect([...said.values()].sort()).toEqual(['approval-all-authors', 'recorded']);
          expect((await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run })).did).not.toBe('delivered');
          const [loser] = [...said].find(([, type]) => type !== 'recorded') ?? expect.fail('nobody lost');
          expect((await answerAs(story, loser, 'rejected')).ok?.answered?.answer).toBe('rejected');
          expect((await reconcileGate(signingFor(['reconciler'], story.deps), { run: story.run })).did).toBe('delivered');
        },
      };
    };
    expect((await explore(setUp)).orders).toBeGreaterThan(3);
  }, 60_000);
});

describe('a team of two', () => {
  const both = person('both', ['technical-lead', 'operations-lead', 'product-owner'], ['both']);
  const other = person('other', ['product-owner'], []);

  test('signs three roles with two people where the definition lets it, and never with one', async () => {
    const story = await asking([both, other], { distinctPeople: 2 });
    await list(story, 'both');
    for (const role of ['technical-lead', 'operations-lead'])
      expect((await answerAs(story, both, 'approved', linkOf(story, both, role))).refused).toBeUndefined();
    const third = await answerAs(story, both, 'approved', linkOf(story, both, 'product-owner'));
    expect(third.refused).toMatchObject({
      type: 'approval-second-role',
      detail: 'You have already answered as technical lead; at least 2 different people must sign.',
    });
    expect((await answerAs(story, other)).ok?.state).toBe('answered');
    await story.machine.settle();
    expect(story.machine.at()).toBe('phase-2');
  });

  test('signs with three people where it does not', async () => {
    const story = await asking([both, other, otto]);
    await list(story, 'tina-codes');
    await answerAs(story, both, 'approved', linkOf(story, both, 'technical-lead'));
    const second = await answerAs(story, both, 'approved', linkOf(story, both, 'operations-lead'));
    expect(second.refused?.detail).toContain('each role needs a different person');
  });

  test.each<[string, readonly Person[], Signing, string]>([
    [
      'two people where three must sign',
      [both, other],
      {},
      '2 different people beside the starter: 1 technical-lead, 1 operations-lead, 2 product-owner',
    ],
    [
      'one of two people starts it',
      [both, { ...other, id: ci.person ?? '' }],
      { distinctPeople: 2 },
      '1 person beside the starter: 1 technical-lead, 1 operations-lead, 1 product-owner',
    ],
    [
      'nobody beside the starter holds a role',
      [tina, otto, { ...pia, id: ci.person ?? '' }],
      {},
      '2 different people beside the starter: 1 technical-lead, 1 operations-lead, 0 product-owner',
    ],
  ])('starts no run that could never be signed: %s', async (_what, people, signing, got) => {
    const { refused } = await startRun(signingFor([], signed(people, signing)), startInput, ci);
    expect(refused).toMatchObject({ type: 'signers-too-few', got });
    expect(refused?.expected).toContain(`${signing.distinctPeople ?? 3} different people at go-no-go`);
    expect(refused?.fix).toContain('`distinctPeople`');
  });
});

describe('who wrote the release is a part of what people sign', () => {
  test('a list that names the same people changes nothing; one that names others invalidates the round, and the page says why', async () => {
    const story = await asking([tina, otto, pia]);
    await list(story, 'tina-codes', 'octo-cat');
    const link = linkOf(story, tina);
    await list(story, 'octo-cat', 'tina-codes');
    expect((await pageFor(story, tina, link)).state).toBe('open');
    await list(story, 'otto@example.com', 'tina-codes');
    expect(await pageFor(story, tina, link)).toMatchObject({ state: 'invalidated', invalidated: { authors: true, changes: [] } });
  });

  test('a list that does not begin behind the live version names nobody, and the gate says why', async () => {
    const story = await toGoNoGo();
    const elsewhere = 'd'.repeat(40);
    const reasons = async () => (await open(story)).gates.find(({ id }) => id === 'go-no-go')?.reasons.join('\n') ?? '';
    expect(await reasons()).not.toContain('who wrote the release');
    await sendList(story, { base: elsewhere, commits: [{ commit, author: 'bot', reviews: [] }] });
    expect(await reasons()).toContain(`the record \`reviews\` does not say it (it begins at ${elsewhere}, and the version`);
    expect((await readRunWithWords(story.deps, story.run)).ok?.authors).toBeNull();
    await listCommits(story);
    expect(await reasons()).not.toContain('who wrote the release');
  });

  test('others who turn out to have written it after the go lead back to go / no-go', async () => {
    const story = await toGoNoGo();
    await sign(story);
    expect(story.machine.at()).toBe('t-minus-2h');
    await listCommits(story);
    expect(story.machine.at()).toBe('t-minus-2h');
    await listCommits(story, 'tove');
    expect(story.machine.at()).toBe('go-no-go');
    const settled = (await story.deps.trail.read(`run/${story.run}`, { lane: 'gate/t-minus-2h' })).filter(isType('gate.settled'));
    expect(settled.at(-1)?.event.data.reason).toContain('other people wrote the release than those whom the signers were shown');
  });
});
