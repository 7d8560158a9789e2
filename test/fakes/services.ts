import { createHash, createHmac } from 'node:crypto';
import { type AuthorityKind, authorityKinds } from '../../lib/audit/event-definition.ts';
import { digestOf } from '../../lib/canonical-json.ts';
import type { Checklist } from '../../lib/checklist/definition.ts';
import { authorAmong, namedAmong } from '../../lib/checklist/roster.ts';
import type { RenderNotification } from '../../lib/notification.ts';
import type {
  ActuatorFunction,
  Authority,
  CallbackMessage,
  Callbacks,
  Chat,
  Clock,
  Collector,
  CollectorTask,
  Definitions,
  DueItem,
  Mac,
  Mail,
  Mailer,
  Notification,
  Pager,
  Person,
  Random,
  Reconciler,
  Roster,
  Schedules,
  StepAttempt,
  Workflow,
} from '../../lib/ports.ts';
import type { Role } from '../../lib/roles.ts';
import { type Keep, keptByItself } from './kept.ts';
import { onceFor } from './once-for.ts';

export type FakeClock = Clock & {
  set(instant: string): void;
  /** Moves on by so many milliseconds. */
  advance(milliseconds: number): void;
};

/** Every reading is `tickMs` later than the one before, so that instants differ. */
export const fakeClock = (start: string, tickMs: number, keep: Keep = keptByItself): FakeClock => {
  const reading = keep({ at: Date.parse(start) });
  return {
    now: () => {
      const read = new Date(reading.at);
      reading.at += tickMs;
      return read;
    },
    set: (instant) => {
      reading.at = Date.parse(instant);
    },
    advance: (milliseconds) => {
      reading.at += milliseconds;
    },
  };
};

/** The same seed gives the same tokens and fractions. */
export const fakeRandom = (seed: string, keep: Keep = keptByItself): Random => {
  const drawn = keep({ at: 0 });
  const draw = (): Buffer =>
    createHash('sha512')
      .update(`${seed}\n${drawn.at++}`)
      .digest();
  return {
    token: (bytes) => {
      let all = Buffer.alloc(0);
      while (all.length < bytes) all = Buffer.concat([all, draw()]);
      return all.subarray(0, bytes).toString('base64url');
    },
    fraction: () => draw().readUInt32BE(0) / 2 ** 32,
  };
};

export type TokenAnswer = {
  readonly token: string;
  readonly sent: { readonly output: object } | { readonly error: string; readonly cause: string };
};
export type FakeWorkflow = Workflow & {
  readonly executions: Map<
    string,
    { readonly run: string; readonly input: object; readonly running: boolean; readonly end?: string | undefined }
  >;
  /** In the order in which they were accepted. */
  readonly answers: TokenAnswer[];
  /** What the machine does when it enters a callback task: the token is open until it is answered or closed. */
  issue(token: string): string;
  /** What a hard stop or the end of the execution does. */
  close(token: string): void;
  end(execution: string, end?: string): void;
};

export const fakeWorkflow = (keep: Keep = keptByItself): FakeWorkflow => {
  const executions = keep<FakeWorkflow['executions']>(new Map());
  const open = keep(new Set<string>());
  const answers = keep<TokenAnswer[]>([]);
  const answer = (token: string, sent: TokenAnswer['sent']): 'sent' | 'closed' => {
    if (!open.delete(token)) return 'closed';
    answers.push({ token, sent });
    return 'sent';
  };
  return {
    executions,
    answers,
    issue: (token) => {
      open.add(token);
      return token;
    },
    close: (token) => {
      open.delete(token);
    },
    end: (execution, end) => {
      const one = executions.get(execution);
      if (one !== undefined) executions.set(execution, { ...one, running: false, end });
    },
    start: async (run, input) => {
      const execution = `execution/${run}`;
      if (!executions.has(execution)) executions.set(execution, { run, input, running: true });
      return { execution };
    },
    succeed: async (token, output) => answer(token, { output }),
    fail: async (token, error, cause) => answer(token, { error, cause }),
    describe: async (execution) => {
      const { running = false, end } = executions.get(execution) ?? {};
      return end === undefined ? { running } : { running, end };
    },
  };
};

export type FakeRequest = { readonly run: string; readonly item?: DueItem; readonly also?: readonly DueItem[] };
export const fakeReconciler = (keep: Keep = keptByItself): Reconciler & { readonly requests: FakeRequest[] } => {
  const requests = keep<FakeRequest[]>([]);
  return {
    requests,
    request: async (run, item, also) => {
      requests.push({ run, ...(item && { item }), ...(also && { also }) });
    },
  };
};

export const fakeCollector = (
  keep: Keep = keptByItself,
): Collector & { readonly tasks: { readonly run: string; readonly task: CollectorTask }[] } => {
  const tasks = keep<{ readonly run: string; readonly task: CollectorTask }[]>([]);
  return {
    tasks,
    request: async (run, task) => {
      tasks.push({ run, task });
    },
  };
};

export const fakeActuator = (
  keep: Keep = keptByItself,
): ActuatorFunction & { readonly attempts: { readonly run: string; readonly attempt: StepAttempt }[] } => {
  const attempts = keep<{ readonly run: string; readonly attempt: StepAttempt }[]>([]);
  return {
    attempts,
    request: async (run, attempt) => {
      attempts.push({ run, attempt });
    },
  };
};

export const fakePager = (keep: Keep = keptByItself): Pager & { readonly pages: { readonly subject: string; readonly text: string }[] } => {
  const pages = keep<{ readonly subject: string; readonly text: string }[]>([]);
  return {
    pages,
    page: async (subject, text) => {
      pages.push({ subject, text });
    },
  };
};

export const fakeSchedules = (
  keep: Keep = keptByItself,
): Schedules & {
  readonly planned: Map<string, { readonly when: Date; readonly run: string }>;
} => {
  const planned = keep(new Map<string, { readonly when: Date; readonly run: string }>());
  return {
    planned,
    at: async (name, when, { run }) => {
      // To the second, rounded up, as Scheduler takes it.
      if (!planned.has(name)) planned.set(name, { when: new Date(Math.ceil(when.getTime() / 1000) * 1000), run });
    },
  };
};

export type SentMail = Mail & { readonly message: string };
export const fakeMailer = (keep: Keep = keptByItself): Mailer & { readonly mails: SentMail[] } => {
  const mails = keep<SentMail[]>([]);
  return {
    mails,
    send: async (mail) => {
      const message = `mail-${mails.length + 1}`;
      mails.push({ ...mail, message });
      return { message };
    },
  };
};

export const fakeChat = (keep: Keep = keptByItself): Chat & { readonly told: Notification[] } => {
  const told = keep<Notification[]>([]);
  return {
    told,
    tell: async (notification) => {
      told.push(notification);
    },
  };
};

/** `refusing`: targets that take nothing; `refused`: the ids of what they did not take. */
export const fakeCallbacks = (keep: Keep = keptByItself) => {
  const called = keep<(CallbackMessage & { readonly target: string })[]>([]);
  const refusing = keep(new Set<string>());
  const refused = keep<string[]>([]);
  const call: Callbacks['call'] = async (target, message) => {
    if (refusing.has(target)) {
      refused.push(message.id);
      throw new Error('status 503');
    }
    called.push({ target, ...message });
  };
  return { called, refusing, refused, call };
};

/** A MAC with a well-known key. */
export const fakeMac = (key = 'holdpoint'): Mac => {
  const mac = async (text: string): Promise<string> => {
    const bytes = Buffer.byteLength(text);
    if (bytes === 0 || bytes > 4096) throw new RangeError(`MAC: got a text of ${bytes} bytes, expected 1 to 4096`);
    return createHmac('sha256', key).update(text).digest('base64url');
  };
  return { sign: mac, verify: async (text, claimed) => claimed === (await mac(text)) };
};

/** Signs for the kinds that a function may sign for, with a key for each kind; every function verifies. */
export const fakeAuthority = (signsFor: readonly AuthorityKind[] = authorityKinds): Authority => {
  const keys = { people: fakeMac('people'), reconciler: fakeMac('reconciler') };
  return {
    signsFor,
    sign: async (kind, message) => (signsFor.includes(kind) ? keys[kind].sign(message) : null),
    verify: (kind, message, mac) => keys[kind].verify(message, mac),
  };
};

/** A notification as JSON, so that a test reads what it says and not how it is rendered. */
export const fakeNotifications: RenderNotification = (notification) => ({
  subject: notification.kind,
  text: JSON.stringify(notification),
  html: '',
});

/** One person in each role of the document, an operator, a developer and an auditor. */
export const fakeRosterPeople: readonly Person[] = [
  { id: 'p-technical1', name: 'Tove Technical', address: 'tove@example.com', roles: ['technical-lead'], commitsAs: ['tove'] },
  { id: 'p-operations1', name: 'Ole Operations', address: 'ole@example.com', roles: ['operations-lead', 'operator'], commitsAs: [] },
  { id: 'p-product1', name: 'Petra Product', address: 'petra@example.com', roles: ['product-owner'], commitsAs: [] },
  {
    id: 'p-developer1',
    name: 'Dara Developer',
    address: 'dara@example.com',
    roles: ['developer'],
    commitsAs: ['u-102', 'dara@example.com'],
  },
  { id: 'p-auditor1', name: 'Anna Auditor', address: 'anna@example.com', roles: ['auditor'] },
];

export const fakeRoster = (people: readonly Person[]): Roster => ({
  digest: digestOf(people),
  size: people.length,
  person: (id) => people.find((one) => one.id === id),
  authorOf: authorAmong(people),
  named: namedAmong(people),
  holders: (role: Role) => people.filter((one) => one.roles.includes(role)),
});

const digestOfChecklist = onceFor<Checklist, string>(digestOf);

/** Knows the current definition, and those in `published`, which several may share. */
export const fakeDefinitions = (
  checklist: Checklist,
  graph: string,
  published = new Map<string, Checklist>(),
): Definitions & { readonly published: Map<string, Checklist> } => {
  const digest = digestOfChecklist(checklist);
  return {
    published,
    current: () => ({ checklist, digest, graph }),
    read: async (wanted) => (wanted === digest ? checklist : published.get(wanted)),
    publish: async (given = checklist) => {
      published.set(digestOf(given), given);
    },
  };
};
