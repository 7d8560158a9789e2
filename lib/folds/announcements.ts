import { type DataOf, isType, type Stored } from '../audit/event.ts';
import type { announcedKinds } from '../audit/events/environment.ts';

/** Planned work, with the event that announced it. */
export type Announcement = DataOf<'work.announced'> & { readonly event: string; readonly announcedAt: string; readonly actor: string };

/** What the lane `announced` says, oldest first. */
export const announcementsIn = (lane: readonly Stored[]): readonly Announcement[] =>
  lane
    .filter(isType('work.announced'))
    .map(({ event: { id, at, actor, data } }) => ({ ...data, event: id, announcedAt: at, actor: actor.id }));

type Kind = (typeof announcedKinds)[number];

/** What each kind is about, and how people call it. */
export const announced: Readonly<
  Record<Kind, { readonly observations: DataOf<'observation.recorded'>['kind']; readonly words: string; readonly of: string }>
> = {
  'alarm-test': { observations: 'alarm', words: 'a test of the alarm', of: 'alarm' },
  'planned-restart': { observations: 'restart', words: 'a planned restart', of: 'component or resource' },
};

type Observation = Pick<DataOf<'observation.recorded'>, 'kind' | 'bad' | 'subject' | 'observedAt'>;

/**
 * The announcement that covers an observation: of its kind and subject, within its window, and recorded before it happened. So nobody can
 * excuse anything afterwards. Of several the first one counts.
 */
export const announcementOf = (lane: readonly Stored[], { kind, bad, subject, observedAt }: Observation): Announcement | undefined =>
  !bad
    ? undefined
    : announcementsIn(lane).find(
        (one) =>
          announced[one.kind].observations === kind &&
          one.names.some((name) => subject === name || (kind === 'restart' && subject.startsWith(`${name} `))) &&
          one.announcedAt < observedAt &&
          one.from <= observedAt &&
          observedAt <= one.until,
      );

/** Why the observation is set aside, for people. */
export const setAsideBecause = ({ kind, by, actor, announcedAt }: Announcement): string =>
  `${announced[kind].words}, announced by ${by ?? actor} at ${announcedAt}`.slice(0, 200);
