import { type DataOf, isType, type Stored } from '../audit/event.ts';
import type { announcedKinds } from '../audit/events/environment.ts';
import { mayBeAt } from './alarm-identity.ts';

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

type Recorded = DataOf<'observation.recorded'>;
type Observation = Pick<Recorded, 'kind' | 'bad' | 'subject' | 'where' | 'observedAt'>;

/** Whether observations of this kind can be announced. */
export const isAnnounceable = ({ kind, bad }: Pick<Recorded, 'kind' | 'bad'>): boolean =>
  bad && Object.values(announced).some(({ observations }) => observations === kind);

/**
 * The announcement that covers an observation of a run: of its kind, subject and place, within its window, and recorded before it happened. So nobody can
 * excuse anything afterwards. It counts when a person said it who did not start the run, so that nobody mutes what would take their own
 * release back. Of several the first one counts.
 */
const announcementOf = (
  lane: readonly Stored[],
  { kind, bad, subject, where, observedAt }: Observation,
  starter: string,
): Announcement | undefined =>
  !bad
    ? undefined
    : announcementsIn(lane).find(
        (one) =>
          one.by !== null &&
          one.by !== starter &&
          announced[one.kind].observations === kind &&
          one.names.some((name) => subject === name || (kind === 'restart' && subject.startsWith(`${name} `))) &&
          mayBeAt({ where }, one.alarmsAt ?? {}) &&
          one.announcedAt < observedAt &&
          one.from <= observedAt &&
          observedAt <= one.until,
      );

/** What is recorded with an observation of a run that an announcement covers: why it counts for nothing, and until when. */
export const setAsideIn = (
  lane: readonly Stored[],
  observation: Observation,
  starter: string,
): Pick<Recorded, 'setAside' | 'announced'> => {
  const found = announcementOf(lane, observation, starter);
  if (found === undefined) return {};
  const { event, kind, by, actor, announcedAt, reason, until } = found;
  const who = by ?? actor;
  return {
    setAside: `${announced[kind].words}, announced by ${who} at ${announcedAt}`.slice(0, 200),
    announced: { event, by: who, reason, until },
  };
};
