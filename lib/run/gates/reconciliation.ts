import type { Signal } from '../../notification.ts';
import type {
  CallbackMessage,
  Callbacks,
  Chat,
  DueItem,
  JobAnswer,
  Mail,
  Mailer,
  Notification,
  Pager,
  ProtectionRules,
  ReconcilerDependencies,
} from '../../ports.ts';

/** What one reconciliation works with: the reconciler's dependencies, what it was called for, and what it gathers on its way. */
export type Reconciliation = Omit<ReconcilerDependencies, 'mailer' | 'chat' | 'callbacks' | 'protectionRules' | 'pager'> & {
  readonly mailer: DeferringMailer;
  readonly chat: DeferringChat | null;
  readonly callbacks: DeferringCallbacks | null;
  readonly protectionRules: DeferringRules | null;
  readonly pager: DeferringPager;
  /** Read from the clock before anything of the run was read. */
  readonly began: Date;
  /** The due item for which the reconciler was called, unless it is early: the sweep's clock may be ahead of this one. */
  readonly item: DueItem | undefined;
  /** Notes an instant at which the run must be reconciled again, for example to repeat a mail. */
  readonly retryAt: (instant: Date) => void;
  readonly retries: readonly Date[];
  /** Notes something that operations must hear of: the function logs it, and an alarm counts it. */
  readonly signal: (what: Signal) => void;
  readonly signals: readonly Signal[];
  /** Faults of the mail system and of the pager, thrown when everything else is done. */
  readonly mailFaults: readonly unknown[];
};

/** What a reconciliation did, and at which gate: for the log, and for tests. */
export type ReconcileResult = {
  readonly did: 'unknown-run' | 'nothing' | 'closed' | 'waiting' | 'blocked' | 'regressed' | 'other-worker' | 'delivered';
  readonly gate: string;
  readonly reasons: readonly string[];
  /** For operations, where there is any. */
  readonly signals?: readonly Signal[];
};

/**
 * `next`: when time alone may change the run; null when it has ended; undefined when the stored deadline is right. `overdue`: the item that
 * says since when it waits too long.
 */
export type Turn = ReconcileResult & { readonly next?: Date | null; readonly overdue?: DueItem | null };

export const beginReconciliation = (deps: ReconcilerDependencies, item: DueItem | undefined): Reconciliation => {
  const retries: Date[] = [];
  const mailFaults: unknown[] = [];
  const raised: Signal[] = [];
  const began = deps.clock.now();
  const isEarly = item !== undefined && item.kind !== 'recheck' && item.at > began.toISOString();
  return {
    ...deps,
    mailer: deferMailFaults(deps.mailer, mailFaults),
    chat: deps.chat === null ? null : deferChatFaults(deps.chat, mailFaults),
    callbacks: deps.callbacks === null ? null : deferCallbackFaults(deps.callbacks, mailFaults),
    protectionRules: deps.protectionRules === null ? null : deferRuleFaults(deps.protectionRules, mailFaults),
    pager: deferPagerFaults(deps.pager, mailFaults),
    began,
    item: isEarly ? undefined : item,
    retryAt: (instant) => retries.push(instant),
    retries,
    signal: (what) => raised.push(what),
    signals: raised,
    mailFaults,
  };
};

type DeferringMailer = {
  send(mail: Mail): Promise<{ readonly accepted: true; readonly message: string } | { readonly accepted: false }>;
};

/** Collects the mailer's faults: an address that the mail system rejects must not stop other mails or the gate's decision. */
const deferMailFaults = (mailer: Mailer, faults: unknown[]): DeferringMailer => ({
  send: async (mail) => {
    try {
      const { message } = await mailer.send(mail);
      return { accepted: true, message };
    } catch (fault) {
      faults.push(fault);
      return { accepted: false };
    }
  },
});

type DeferringChat = { tell(notification: Notification): Promise<{ readonly accepted: boolean }> };

/** A channel that is closed or full stops no mail, no decision and no step of a rollback. */
const deferChatFaults = (chat: Chat, faults: unknown[]): DeferringChat => ({
  tell: async (notification) => {
    try {
      await chat.tell(notification);
      return { accepted: true };
    } catch (fault) {
      faults.push(fault);
      return { accepted: false };
    }
  },
});

type DeferringCallbacks = { call(target: string, message: CallbackMessage): Promise<{ readonly accepted: boolean }> };

/** A pipeline that cannot be called stops as little. */
const deferCallbackFaults = (callbacks: Callbacks, faults: unknown[]): DeferringCallbacks => ({
  call: async (target, message) => {
    try {
      await callbacks.call(target, message);
      return { accepted: true };
    } catch (fault) {
      faults.push(fault);
      return { accepted: false };
    }
  },
});

type DeferringRules = { answer(rule: string, answer: JobAnswer): Promise<Awaited<ReturnType<ProtectionRules['answer']>> | undefined> };

/** A code host that does not take an answer stops as little: undefined, and its job waits. */
const deferRuleFaults = (rules: ProtectionRules, faults: unknown[]): DeferringRules => ({
  answer: async (rule, answer) => {
    try {
      return await rules.answer(rule, answer);
    } catch (fault) {
      faults.push(fault);
      return undefined;
    }
  },
});

type DeferringPager = { page(subject: string, text: string): Promise<{ readonly accepted: boolean }> };

/** A pager that is down must not stop the decision or a step of the rollback. */
const deferPagerFaults = (pager: Pager, faults: unknown[]): DeferringPager => ({
  page: async (subject, text) => {
    try {
      await pager.page(subject, text);
      return { accepted: true };
    } catch (fault) {
      faults.push(fault);
      return { accepted: false };
    }
  },
});

const longestPauseMs = 3_600_000;

/** The pause before the next attempt doubles, up to an hour, so that an address that stays rejected does not fill a lane. Milliseconds. */
export const pauseAfter = (attempts: number, firstMs: number): number => Math.min(firstMs * 2 ** Math.max(0, attempts - 1), longestPauseMs);
