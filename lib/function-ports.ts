/** What the engine asks of other functions and of the people on duty. Implemented in `lambdas/adapters`, faked in `test/fakes`. */

/** Asks a function to look at the service from outside, and to record what it saw. Asynchronous, at least once. */
export interface Collector {
  request(run: string, task: CollectorTask): Promise<void>;
}
/** What to look at; where, only the stage says. */
export type CollectorTask =
  /** Every probe of the environment, or the named ones. */
  | { readonly kind: 'probes'; readonly ids?: readonly string[] }
  /** Every GET and HEAD operation of the OpenAPI document. */
  | { readonly kind: 'operations' }
  /** In staging: the probes that show how the service is protected. */
  | { readonly kind: 'protections' }
  /** What the platform runs. `before`: before the deployment. */
  | { readonly kind: 'read-back'; readonly before: boolean }
  /** The service's alarms; with `since` also their history, compared with what the run was fed. */
  | { readonly kind: 'alarms'; readonly since?: string }
  /** The metrics of the environment since an instant, under a name; with `fed` beside what the run was fed as that series. */
  | { readonly kind: 'metrics'; readonly series: string; readonly from: string; readonly fed?: string }
  /** What AWS keeps about restarts since an instant, compared with what the run was fed. */
  | { readonly kind: 'restarts'; readonly since: string }
  /** What was written to the data since the backup. */
  | { readonly kind: 'writes' }
  /** The proof of a rollback's step. */
  | ({ readonly kind: 'proof'; readonly proof: number } & StepAttempt);

/** Asks a function to carry out a step of a rollback, and to record how it went. Asynchronous, at least once. */
export interface ActuatorFunction {
  request(run: string, attempt: StepAttempt): Promise<void>;
}
export type StepAttempt = { readonly step: string; readonly action: 'do' | 'undo'; readonly attempt: number };

/** Pages the people on duty: publishes one text to the topic of the operational alarms. */
export interface Pager {
  page(subject: string, text: string): Promise<void>;
}

/** A message of a dead-letter queue: what a function failed on, or what did not reach it. */
export type DeadMessage = {
  readonly queue: DeadLetterQueue;
  /** By which the message is removed. A later reception has another one. */
  readonly receipt: string;
  readonly body: string;
  /** Attributes that the sender of the message gave it, of those that are texts. */
  readonly attributes: Readonly<Record<string, string>>;
  /** When it came into the queue. Instant, UTC. */
  readonly sentAt: string;
};
export const deadLetterQueues = ['undelivered-events', 'failed-invocations'] as const;
export type DeadLetterQueue = (typeof deadLetterQueues)[number];
/** The dead-letter queues, and the parking queue, whose messages wait for a person. */
export interface DeadLetters {
  /** Up to ten messages, which nobody else receives for some minutes. Empty when the queue has none. */
  receive(queue: DeadLetterQueue): Promise<readonly DeadMessage[]>;
  /** Removing a message twice is no error. */
  remove(message: DeadMessage): Promise<void>;
  /** Puts a copy with this body into the parking queue. */
  park(message: DeadMessage, body: string): Promise<void>;
}
/** Invokes a function by its name, asynchronously: Lambda queues the event and retries it. */
export interface Functions {
  invoke(name: string, event: object): Promise<void>;
}
