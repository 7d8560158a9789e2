import * as z from 'zod';
import { sha256 } from '../canonical-json.ts';
import { componentOf, type Running } from './component-of.ts';
import { type EventPattern, splitPattern } from './event-pattern.ts';
import {
  ambiguous,
  type Delivery,
  type DeploymentSeen,
  type FedObservation,
  type Feed,
  instant,
  nothing,
  type Place,
  type Services,
  unmapped,
} from './feed.ts';
import { type Found, ownersOfResource } from './resource-owner.ts';

/** An event as AWS services send them, without what no feed reads. */
export type AwsEvent<D> = {
  readonly id: string;
  readonly detailType: string;
  readonly account: string;
  readonly region: string | undefined;
  readonly at: string;
  readonly resources: readonly string[];
  readonly detail: D;
};

/** A pattern without source and detail type. */
type Narrowing = Pick<EventPattern, 'resources' | 'detail'>;
/** Names of resources, and the pattern for as many of them as fit into one. */
export type Named = { readonly names: readonly string[]; readonly patternOf: (names: string[]) => Narrowing };

type Source<D extends z.ZodType> = {
  readonly via: string;
  readonly source: string;
  readonly detailTypes: readonly string[];
  /** Limits all events of the feed, whosever they are. */
  readonly narrowed?: Record<string, unknown>;
  readonly rule: string;
  readonly description: string;
  /** What the feed reads of the member `detail`. */
  readonly detail: D;
  /** What the default bus lets through: events of the resources of the stage, by their names. */
  readonly named: (stage: Services) => readonly Named[];
  /** What it also lets through: events that say themselves whose they are. */
  readonly tagged?: Narrowing;
  readonly read: (stage: Services, event: AwsEvent<z.output<D>>) => Delivery;
};

/**
 * A feed of one AWS service. Its events of this account and region come to the default bus, where only those of named resources are taken;
 * those of other accounts and regions come to our own bus, where all are taken, so that events without an owner are seen and counted.
 */
export const awsFeed = <D extends z.ZodType>(given: Source<D>): Feed => {
  const { via, source, rule, description } = given;
  const detailTypes = [...given.detailTypes];
  const patternOf = ({ resources, detail }: Narrowing): EventPattern => ({
    source: [source],
    detailType: detailTypes,
    ...(resources === undefined ? {} : { resources }),
    ...(detail === undefined && given.narrowed === undefined ? {} : { detail: { ...given.narrowed, ...detail } }),
  });
  const forwarded = patternOf({});
  const headSchema = z.object({ source: z.literal(source), 'detail-type': z.enum(detailTypes as [string, ...string[]]) });
  const schema = z.object({
    id: z.string().min(1),
    'detail-type': z.string(),
    account: z.string(),
    region: z.string().optional(),
    time: instant,
    resources: z.array(z.string()).default([]),
    detail: z.unknown(),
  });
  return {
    via,
    wiring: {
      kind: 'rule',
      rule,
      description,
      buses: ['default', 'own'],
      forwarded,
      patterns: (stage, bus) =>
        bus === 'own'
          ? [forwarded]
          : [
              ...(given.tagged === undefined ? [] : [patternOf(given.tagged)]),
              ...given.named(stage).flatMap((named) => splitPattern(named.names, (names) => patternOf(named.patternOf(names)))),
            ],
    },
    read: (stage, event) => {
      const head = headSchema.safeParse(event);
      if (!head.success) return undefined;
      const parsed = schema.safeParse(event);
      const detail = given.detail.safeParse(parsed.data?.detail);
      if (!parsed.success || !detail.success) return unmapped(`an event ${head.data['detail-type']}`, 'has a form that is not known');
      const { id, 'detail-type': detailType, account, region, time, resources } = parsed.data;
      return given.read(stage, { id, detailType, account, region, at: time, resources, detail: detail.data });
    },
  };
};

/** What an event says of the resource that it names. */
export type Said = {
  /** The parts that make the same occurrence the same, however often and by which bus it arrives. */
  readonly occurrence: readonly string[];
  readonly subject: string;
  readonly at: string;
  /** Undefined when there is nothing to observe. `setAside` says why it counts for nothing. */
  readonly seen?: Pick<FedObservation, 'kind' | 'bad' | 'summary'> & { readonly setAside?: string };
  /** Of a resource that several environments share: whether it happened to the part of it that this one uses. */
  readonly concerns?: (place: Place) => boolean;
  readonly deployment?: {
    readonly id: readonly string[];
    readonly what: string;
    readonly digest?: string;
    readonly account?: string;
    /** Where a component of the service may run. */
    readonly on?: Running;
    /** Whether what was deployed is what runs there from now on. */
    readonly live?: boolean;
  };
};

/** The delivery of an event about one resource, for each service and environment to which the resource belongs. */
export const deliveryFor = (stage: Services, via: string, found: Found, said: Said): Delivery => {
  const { places, doubt } = ownersOfResource(stage, found);
  const what = `${via} ${cutLine(said.subject, 120)}`;
  if (places.length === 0) return unmapped(what);
  const { deployment, concerns = () => true } = said;
  const concerned = places.filter(concerns);
  const on = deployment?.on;
  const delivery =
    deployment === undefined || concerned.length === 0
      ? deliveryAt(concerned, via, said)
      : deliveryAt(concerned, via, { ...said, deployment: { ...deployment, account: found.account } }, (place) =>
          on === undefined ? undefined : componentOf(stage, place, found, on),
        );
  return concerned.length < 2 ? delivery : { ...delivery, refused: [...delivery.refused, ...ambiguous(what, concerned, doubt)] };
};

export const deliveryAt = (
  places: readonly Place[],
  via: string,
  { occurrence, subject, at, seen, deployment }: Said,
  componentAt: (place: Place) => string | undefined = () => undefined,
): Delivery => {
  if (places.length === 0 || (seen === undefined && deployment === undefined))
    return nothing(`${via} ${cutLine(subject, 120)}: nothing to observe`);
  const { setAside, summary, ...kept } = seen ?? { summary: '' };
  return {
    observations: places.flatMap((place): readonly FedObservation[] =>
      seen === undefined
        ? []
        : [
            {
              ...place,
              ...(kept as Pick<FedObservation, 'kind' | 'bad'>),
              via,
              observation: nameOf(via, occurrence),
              subject: cutLine(subject, 200),
              summary: cutLine(summary, 300),
              observedAt: at,
              ...(setAside === undefined ? {} : { setAside: cutLine(setAside, 200) }),
            },
          ],
    ),
    ...(deployment === undefined
      ? {}
      : {
          deployments: places.map((place): DeploymentSeen => {
            const component = componentAt(place);
            return {
              ...place,
              deployment: nameOf(via, deployment.id),
              what: cutLine(deployment.what, 200),
              at,
              ...(deployment.digest === undefined ? {} : { digest: deployment.digest }),
              ...(deployment.account === undefined ? {} : { account: deployment.account }),
              ...(component === undefined ? {} : { component }),
              ...(deployment.live === true ? { live: true } : {}),
            };
          }),
        }),
    refused: [],
  };
};

const nameOf = (via: string, parts: readonly string[]): string => `${via}-${sha256(parts.join('\n')).slice(0, 32)}`;

/** One line without text-direction overrides, because it stands in tables and mails, and well-formed, because an audit event takes nothing else. */
const cutLine = (text: string, length: number): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .slice(0, length)
    .toWellFormed() || 'unnamed';

/** The last part of an ARN or of another name with parts. */
export const lastPart = (name: string): string => /[^:/|]*$/.exec(name)?.[0] ?? '';
