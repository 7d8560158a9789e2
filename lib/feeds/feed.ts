import * as z from 'zod';
import type { DataOf } from '../audit/event.ts';
import type { Stage } from '../checklist/stage.ts';
import type { ObservationInput } from '../run/commands/inputs.ts';
import type { EventPattern } from './event-pattern.ts';

/** Where an event came from, and where Holdpoint runs. `region`: as the event says it. */
export type Origin = { readonly account: string; readonly region?: string | undefined };

/** Where a service is deployed. */
export type Place = { readonly service: string; readonly environment: string };

/** `own`: Holdpoint's own account and region, where the reader of the events knows them. */
export type Services = Pick<Stage, 'services'> & { readonly own?: Origin | undefined };

/** One observation of one service and environment, as a feed delivered it. */
export type FedObservation = ObservationInput & {
  readonly service: string;
  readonly environment: string;
  readonly via: string;
  /** Set when it counts for no trigger and no label: why. */
  readonly setAside?: string;
  /** Of a composite alarm: the names of the alarms that it stands for. */
  readonly children?: readonly string[];
  /** Of an alarm: its account and region. */
  readonly where?: string | undefined;
};
/** That CloudWatch does not know the state of an alarm of one service and environment. */
export type UnknownAlarm = DataOf<'alarm.unknown'> & { readonly service: string; readonly environment: string };
/** A mail of Holdpoint that the mail system had accepted and that did not reach its reader. */
export type UndeliveredMail = DataOf<'mail.undelivered'> & { readonly run: string };
/**
 * A deployment that the platform reports, by whatever cause. The other events of the same deployment have the same id in `deployment`, and
 * it reaches each service and environment to which the resource belongs.
 */
export type DeploymentSeen = {
  readonly deployment: string;
  readonly service: string;
  readonly environment: string;
  /** What was deployed where, for people. */
  readonly what: string;
  readonly at: string;
  /** `sha256:` and hex, where the event has the digest of what was deployed. */
  readonly digest?: string;
  /** Where it was deployed. */
  readonly account?: string;
  /** The component of the stage file whose platform it is. */
  readonly component?: string;
  /** Whether what was deployed is what runs from `at` on. */
  readonly live?: boolean;
};
/** The contents of one delivery. `refused` says what could not be understood: it is logged and never retried. */
export type Delivery = {
  readonly observations: readonly FedObservation[];
  readonly unknown?: readonly UnknownAlarm[];
  readonly undelivered?: readonly UndeliveredMail[];
  readonly deployments?: readonly DeploymentSeen[];
  readonly refused: readonly string[];
};

/** One source of observations, or of undelivered mails: how its events reach the function `event-feed`, and what they mean. */
export type Feed = {
  /** The feed's name. It is recorded with every observation that came this way; `api` stands for the API. */
  readonly via: string;
  /** EventBridge rules on our own bus and the account's default bus, or a subscription of the topic for alarm notifications. */
  readonly wiring:
    | {
        readonly kind: 'rule';
        /** Construct id of its first rule. */
        readonly rule: string;
        readonly description: string;
        readonly buses: readonly ('own' | 'default')[];
        /** One rule on each bus for each pattern. None may be longer than EventBridge takes. */
        readonly patterns: (stage: Pick<Stage, 'name' | 'services'>, bus: 'own' | 'default') => readonly EventPattern[];
        /** What `HoldpointFeed` forwards from another account or region to our own bus: the same for every stage. */
        readonly forwarded?: EventPattern;
      }
    | { readonly kind: 'topic' };
  /** Undefined when the event is not of this feed. */
  readonly read: (stage: Services, event: unknown) => Delivery | undefined;
};

/** An instant in any spelling that `Date` parses. A year has four digits: others have no instant that an audit event could hold. */
export const instant = z
  .string()
  .transform((text) => (Number.isNaN(Date.parse(text)) ? '' : new Date(text).toISOString()))
  .refine((text) => /^\d{4}-/.test(text), 'an instant');

/** Stands in the log line of each delivery with an event that belongs to nobody: the stack counts the lines. */
export const unmappedTerm = 'UnmappedEvent';
/** A delivery of an event that belongs to no service of the stage, or whose form is not known. */
export const unmapped = (what: string, why = 'belongs to no service of this stage'): Delivery => nothing(`${unmappedTerm}: ${what} ${why}`);

/** Stands in the log line of each delivery with an event that may belong elsewhere, too: the stack counts these as well. */
export const ambiguousTerm = 'AmbiguousEvent';
/** What is said of an event that was recorded in several places because it does not say enough. Nothing where it does. */
export const ambiguous = (what: string, places: readonly Place[], doubt: string | undefined): readonly string[] =>
  doubt === undefined
    ? []
    : [
        `${ambiguousTerm}: ${what} is recorded for ${places.map(({ service, environment }) => `${service} in ${environment}`).join(' and ')}, because ${doubt}`,
      ];

export const nothing = (why: string): Delivery => ({ observations: [], refused: [why] });
