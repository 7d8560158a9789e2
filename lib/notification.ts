import { type Role, signerRoles } from './roles.ts';

/** The run that a notification is about, the name of its reader, and the page that it links to. */
type About = {
  readonly run: string;
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly name: string;
  readonly url: string;
};

/** How a run can end. */
export type RunEnding =
  | 'production-stable'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  | 'incident'
  | 'rolled-back'
  | 'rolled-back-unverified'
  | 'rollback-escalated'
  | 'superseded'
  | 'not-deployed'
  | 'not-stable';

/** What a person wrote, cut where it is long. `text` is null where it was erased; `by` is null of what CI sent. */
export type Quoted = { readonly by: string | null; readonly text: string | null };

/** Something that did not simply pass, or that happened to the run: one line of a mail. */
export type MailedException = {
  /** The verdict of checks; of what happened to the run `not-passed`, `resumed`, `breached`, `overridden`, `announced` or `labelled`. */
  readonly kind: string;
  /** What it is about: several checks that one person declared not applicable in the same words are one line. */
  readonly titles: readonly string[];
  /** A sentence of ours. */
  readonly reason: string;
  readonly words: Quoted | null;
  /** Of checks that are for information only: they block nothing. */
  readonly isForInformation: boolean;
};

/** The essentials of a report, for the mail that asks for an answer. `starter`: the name of the person who started the run. */
export type ApprovalEssentials = Readonly<Record<'starter' | 'risk' | 'impact', string>> & {
  readonly plannedT0: PlannedT0;
  readonly why: Quoted | null;
  /** The changes that the release names, as the CI job wrote them; null where it named none. */
  readonly changes: Quoted | null;
  /** Everything that the page lists as an exception of the whole run so far, worst first; `more` of `total` are left out. */
  readonly exceptions: readonly MailedException[];
  readonly total: number;
  readonly more: number;
  readonly counts: readonly { readonly verdict: string; readonly count: number }[];
  readonly answers: readonly { readonly name: string; readonly role: string; readonly answer: string; readonly at: LocalInstant }[];
  /** Names of the people who wrote the release, and how many accounts stand for nobody in the roster. `isUnnamed`: somebody else did, of whom the code host knows no account. Null where the gate does not ask. */
  readonly authors: { readonly names: readonly string[]; readonly others: number; readonly isUnnamed: boolean } | null;
  /** Sentences of ours about what has changed since the round before; `more` are left out. Null in a first round, and where nothing of the report did. */
  readonly changed: { readonly listed: readonly string[]; readonly more: number } | null;
};

/**
 * Why people are asked about a rollback, and when it happened. `title`: of the trigger, of the gate at which the release was not signed, or of the
 * review that incidents have extended up to its cap. `seconds`: for so long they may extend it again if people continue, and no longer than `until`.
 */
export type RollbackCause<At = LocalInstant> = { readonly title: string; readonly at: At } & (
  | { readonly how: 'measured' | 'rejected'; readonly detail: string | null }
  | { readonly how: 'declared'; readonly by: string }
  | { readonly how: 'capped'; readonly detail: string | null; readonly seconds: number; readonly until: At }
);

/** An instant as its reader's clock shows it, to the minute, beside UTC. The zone is `UTC` where nobody has named one. */
export type LocalInstant = { readonly at: string; readonly local: string; readonly zone: string };
/** When the deployment is planned; `when-released`: as soon as every gate before it has passed. */
export type PlannedT0 = LocalInstant | 'when-released';

/**
 * What Holdpoint tells people by mail. Its instants are shown in the zone of the reader and in UTC. What people wrote stands on the page of the run and in no mail but the
 * one that asks for an approval, whose readers decide by it.
 */
export type Notification = About &
  (
    | {
        readonly kind: 'approval-requested';
        readonly gateTitle: string;
        readonly role: Role;
        readonly expires: LocalInstant;
        readonly code: string;
        /** Of a deputy: the name of the person for whom they may answer. */
        readonly forName: string | null;
        /** A reminder, after this share of the time, in percent. */
        readonly reminder: { readonly share: number; readonly leftSeconds: number } | null;
        readonly essentials: ApprovalEssentials;
        /** From 2 people are asked again because the report has changed. */
        readonly round: number;
        /** How often the run has come to this gate and asked, this time included. The rounds begin anew each time. */
        readonly time: number;
        /** A sentence of ours about why people are asked again at a gate that had asked before; null where it had not. */
        readonly because: string | null;
      }
    /** People are asked: for those who do not answer themselves, so without a link to answer by. */
    | {
        readonly kind: 'approvals-open';
        readonly gateTitle: string;
        readonly roles: readonly Role[];
        readonly expires: LocalInstant;
        readonly round: number;
      }
    /** The requests of a round were taken back: `by` a person, or because the run `newer` asks for the same. */
    | {
        readonly kind: 'approval-recalled';
        readonly gateTitle: string;
        readonly by: string | null;
        readonly newer: string | null;
        readonly at: LocalInstant;
        readonly round: number;
      }
    /** Somebody answered in the place of the reader. */
    | {
        readonly kind: 'deputy-answered';
        readonly gateTitle: string;
        readonly by: string;
        readonly role: string;
        readonly answer: string;
        readonly at: LocalInstant;
      }
    | {
        readonly kind: 'changes-requested';
        readonly gateTitle: string;
        readonly by: string;
        readonly role: string;
        readonly at: LocalInstant;
      }
    /** A waiver, or without `until` a declaration as not applicable, after the report of the gate was signed. */
    | {
        readonly kind: 'exception-recorded';
        readonly gateTitle: string;
        readonly checkTitle: string;
        readonly by: string;
        readonly at: LocalInstant;
        readonly until: LocalInstant | null;
      }
    | ({ readonly kind: 'attestations-due' } & Owed)
    /** `owed`: what the gate that announces it waits for from the reader, who gets no other mail about that; null where it is nothing. */
    | {
        readonly kind: 'deployment-announced';
        readonly owed: Owed | null;
        readonly plannedT0: PlannedT0;
        /** The planned T0 before it was moved; null where it was not. */
        readonly movedFrom: PlannedT0 | null;
        /** Freezes at the planned T0: T0 does not come before they end. */
        readonly freezes: readonly { readonly name: string; readonly to: string; readonly toLocal: string; readonly zone: string }[];
      }
    /** `reasons`: sentences of ours about what has changed since the approvals. */
    | { readonly kind: 'go-withdrawn'; readonly gateTitle: string; readonly reasons: readonly string[] }
    | { readonly kind: 't0-missed'; readonly plannedT0: LocalInstant; readonly gateTitle: string }
    | { readonly kind: 'deployment-failed'; readonly component: string; readonly at: LocalInstant }
    | { readonly kind: 'gate-blocked'; readonly gateTitle: string; readonly reasons: readonly string[] }
    | { readonly kind: 'gate-overdue'; readonly gateTitle: string; readonly reasons: readonly string[] }
    | {
        readonly kind: 'incident-opened';
        readonly gateTitle: string;
        /** A sentence of ours about how the gate was decided; null where the workflow broke off. */
        readonly reason: string | null;
        /** Whether the reader is one of those who decide how to go on. */
        readonly decides: boolean;
      }
    /** A rollback waits for a person: whether to roll back, or what becomes of the data. */
    | {
        readonly kind: 'rollback-decision';
        readonly asks: 'roll-back' | 'data';
        readonly reminder: boolean;
        readonly because: RollbackCause;
        /** The version to which the rollback leads; null where it is not known. `withdrawn`: to none, the service is taken away. */
        readonly target: string | 'withdrawn' | null;
        /** When the time target for this answer ends. */
        readonly dueAt: LocalInstant;
        /** When silence decides for the rollback, or keeps the data; null where it decides nothing. */
        readonly silentAt: LocalInstant | null;
      }
    /**
     * After a rollback: what keeps the trail open until it is answered. `dueAt`: when it is overdue. `ended`: how the run ended, for readers whom no
     * other mail tells; null for those who know.
     */
    | {
        readonly kind: 'follow-ups-due';
        readonly why: 'asked' | 'reminder' | 'overdue';
        readonly ended: Ended | null;
        readonly items: readonly CheckName[];
        readonly dueAt: LocalInstant;
      }
    | ({ readonly kind: 'run-ended' } & Ended)
  );

/** The attestations that a gate waits for from a reader. */
export type Owed = {
  readonly gateTitle: string;
  readonly checks: readonly CheckName[];
  /** What the next gates will ask of the reader and can be attested already. */
  readonly ahead: readonly { readonly gateTitle: string; readonly checks: readonly CheckName[] }[];
  readonly due: LocalInstant;
};

/** `reason`: a sentence of ours about how the last gate was decided; null where the workflow broke off. */
export type Ended = { readonly outcome: RunEnding; readonly gateTitle: string; readonly reason: string | null };

export type CheckName = { readonly id: string; readonly title: string };

/** Writes the mail of a notification. Pure. */
type Rendered = { readonly subject: string; readonly text: string; readonly html: string };
export type RenderNotification = (notification: Notification) => Rendered;
/** May load what writes mails first. */
export type MailText = (notification: Notification) => Rendered | Promise<Rendered>;

/** Hands one message to the mail system. A returned id means that the message was accepted, not that it was delivered. */
export interface Mailer {
  send(mail: Mail): Promise<{ readonly message: string }>;
}
export type Mail = {
  /**
   * What the mail is about: it comes back with the news that the mail could not be delivered. Ids of letters, digits and hyphens. Null
   * when it is about Holdpoint itself.
   */
  readonly about: { readonly run: string; readonly notification: string; readonly person: string } | null;
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Ids under which earlier mails of the same conversation were accepted, oldest first: mail programs show this one below them. */
  readonly follows?: readonly string[] | undefined;
};

/** A channel in which a team talks. It hears what happens; nothing is decided in it. A throw means that the message may not have arrived. */
export interface Chat {
  tell(notification: Notification): Promise<void>;
}

/** A reader of mails: a role, or what somebody is to the run or the gate. */
export type Audience = Role | 'starter' | 'asked' | 'chat' | 'principal' | 'approvers' | 'attesters' | 'owners' | 'reviewers' | 'deputies';

export const audiences: Readonly<Record<Exclude<Audience, Role>, string>> = {
  starter: 'the person who started the run',
  asked: 'everybody of the roles that the gate asks and their deputies, except the starter',
  chat: 'the chat channel of the stage, if it has one',
  principal: 'the person for whom a deputy answered',
  deputies: 'the dated deputies of the operations lead, who may decide in their stead, except the starter',
  approvers: 'those who approved',
  attesters: 'everybody who may make one of the attestations, all of them in one mail',
  owners: 'the owners of the checks that it is about',
  reviewers: 'the signing roles, where the use of an emergency power is to be reviewed',
};

/** Everybody who works with the release. */
const all: readonly Audience[] = ['starter', ...signerRoles, 'operator', 'chat'];

/**
 * Who is notified of what, and when. The reconciler sends every mail, each once per event: commands never mail. The README shows this table.
 * The function that finds what is due is in `run/gates`, and the words are in `console/mails.ts`.
 */
export const mailings: Readonly<Record<Notification['kind'], { readonly when: string; readonly to: readonly Audience[] }>> = {
  'approval-requested': {
    when: 'A gate asks for approvals; again when its report has changed; and after 50 % and 90 % of the time to those who have not answered',
    to: ['asked'],
  },
  'approvals-open': { when: 'A gate asks for approvals, once in each round', to: ['chat'] },
  'approval-recalled': {
    when: 'The requests of an approval were recalled, or a newer run asks for the same approvals',
    to: ['asked', 'chat'],
  },
  'deputy-answered': { when: 'A deputy answered', to: ['principal'] },
  'changes-requested': { when: 'Somebody requested changes', to: ['starter', 'owners', ...signerRoles, 'chat'] },
  'exception-recorded': {
    when: 'A check was waived or declared not applicable after the report was approved',
    to: ['approvers'],
  },
  'attestations-due': {
    when: 'A gate waits for attestations, and they can be made now. The mail names what the next gates will ask, too: there people are mailed again only when the gate has waited for them for half an hour',
    to: ['attesters'],
  },
  'deployment-announced': {
    when: 'The last gate before the deployment waits, two hours before T0; and again when T0 was moved. It also names the attestations that are due from its reader',
    to: [...signerRoles, 'operator', 'chat'],
  },
  'go-withdrawn': {
    when: 'The run went back to go / no-go: T0 was moved, or what was signed has changed',
    to: ['starter', 'owners', ...signerRoles, 'operator', 'chat'],
  },
  't0-missed': { when: 'The planned T0 was missed by 60 minutes', to: ['operations-lead'] },
  'deployment-failed': { when: 'The deployment of a component failed', to: all },
  'gate-blocked': { when: 'A check blocks a gate after T0', to: ['owners', 'operations-lead', 'operator', 'chat'] },
  'gate-overdue': { when: 'A gate has passed its deadline and goes on waiting, or the next gate does not open', to: ['operations-lead'] },
  'incident-opened': { when: 'An incident interrupted the run, for example an answer that did not reach the workflow in time', to: all },
  'rollback-decision': {
    when: 'A rollback trigger was recorded, a sign-off was rejected or a review has reached its cap, and people must decide; again after a minute; and when they must decide about the data',
    to: ['operations-lead', 'deputies', 'technical-lead', 'operator', 'chat'],
  },
  'follow-ups-due': {
    when: 'A run was rolled back, and its cause and the emergency powers that were used have to be answered; again after a day, and when they are overdue after two',
    to: ['operations-lead', 'operator', 'reviewers'],
  },
  'run-ended': {
    when: 'The run has ended: production stable, rejected, cancelled, rolled back, superseded, expired, not deployed, not stable, or by an incident. Who is asked about a rollback at that moment learns it by that mail',
    to: all,
  },
};

/** What raises an operational alarm, by the name that stands in the log. Each is raised once for what happened, so that its alarm does not come and go. */
export const signals = [
  'RollbackBudgetBreached',
  'RollbackUndecided',
  'ReviewFailed',
  'ReviewLate',
  'T0Missed',
  'WaitTooLong',
  'FollowUpOverdue',
] as const;
export type Signal = (typeof signals)[number];
