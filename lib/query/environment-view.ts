import * as z from 'zod';
import { lanes, scopes } from '../audit/lane.ts';
import type { Immutable } from '../fields.ts';
import { type Announcement, announcementsIn } from '../folds/announcements.ts';
import { liveIn, newestDrill, openProposals, rollbackTargetOf, type UnaccountedChange, unaccountedIn } from '../folds/environment.ts';
import type { Dependencies } from '../ports.ts';
import { readHolding, readLive, readTail } from '../run/state/environment.ts';
import { versionBefore } from '../run/state/live-version.ts';
import { erasedWords, readWords, type Words } from '../run/state/words.ts';
import { targetSchema } from './view.ts';

/** So many changes are listed at most: the newest ones, after those that nobody has explained. */
const mostChanges = 200;
const drillsRead = 3;
const mostAnnounced = 20;
const proposedForMs = 7 * 86_400_000;

const measured = z.object({ seconds: z.number(), limitSeconds: z.number(), met: z.boolean() });

/** An open object, like every view. */
export const environmentViewSchema = z.object({
  service: z.string(),
  environment: z.string(),
  holder: z
    .object({
      run: z.string(),
      how: z.enum(['exclusive', 'shared', 'kept']).meta({
        description:
          'exclusive: the run deploys or takes back, and others wait at T0. shared: it is being reviewed, and a newer run may take the environment over. kept: its rollback could not be carried out, and nobody has read back yet what runs.',
      }),
      since: z.string(),
      supersedes: z.string().nullable(),
    })
    .nullable()
    .meta({ description: 'The run that holds the environment; null when it is free.' }),
  live: targetSchema
    .extend({
      since: z.string(),
      readBack: z.boolean().nullable().meta({ description: 'Of a version that people adopted: whether the platform has confirmed it.' }),
      commit: z
        .string()
        .nullable()
        .exactOptional()
        .meta({ description: 'The commit behind which lists of the next release begin; null where nobody knows it.' }),
    })
    .nullable()
    .meta({ description: 'What is live, as far as the trail knows.' }),
  target: targetSchema.nullable().meta({ description: 'Where a rollback of the next release would lead; null where nothing is known.' }),
  proposed: z
    .array(targetSchema.extend({ by: z.string(), roles: z.array(z.string()), at: z.string() }))
    .meta({ description: 'Targets that one person has named and no second one has accepted.' }),
  drill: z
    .object({
      run: z.string(),
      environment: z.string(),
      at: z.string(),
      outcome: z.string(),
      budgets: z.object({ decision: measured, execution: measured, verification: measured, total: measured }),
      schemaVersions: z.array(z.string()),
    })
    .nullable()
    .meta({ description: 'The newest rehearsal of a rollback of the service, in any of its environments.' }),
  unaccounted: z
    .array(
      z.object({
        change: z.string().meta({ description: 'Id of the audit event: an explanation names it.' }),
        what: z.string(),
        seenAt: z.string(),
        digest: z.string().nullable(),
        account: z.string().nullable(),
        explanation: z
          .object({
            by: z.string(),
            at: z.string(),
            digest: z.string(),
            text: z.string().nullable().meta({ description: 'Null for CI jobs, and once the text was erased.' }),
            salt: z.string().nullable(),
          })
          .nullable(),
      }),
    )
    .meta({ description: 'Deployments that were seen without a released run: first those that nobody has explained.' }),
  unaccountedLeftOut: z.number(),
  announced: z
    .array(
      z.object({
        announcement: z.string().meta({ description: 'Id of the audit event.' }),
        kind: z.string(),
        subject: z.string(),
        from: z.string(),
        until: z.string(),
        by: z.string(),
        at: z.string(),
        reason: z.object({ digest: z.string(), text: z.string().nullable(), salt: z.string().nullable() }),
      }),
    )
    .default([])
    .meta({
      description: `Planned work that was announced, the newest first, ${mostAnnounced} at most. Texts are null for CI jobs, and once they were erased.`,
    }),
});
export type EnvironmentView = Immutable<z.infer<typeof environmentViewSchema>>;

type Reader = Pick<Dependencies, 'trail' | 'clock' | 'people' | 'stage'>;

/** An environment of the stage as it stands. `withWords`: for people who hold a role. */
export const readEnvironment = async (
  deps: Reader,
  { service, environment }: { readonly service: string; readonly environment: string },
  withWords: boolean,
): Promise<EnvironmentView> => {
  const scope = scopes.environment(service, environment);
  const { waitScale } = deps.stage;
  const [{ holding }, lane, unaccounted, announcing, drills] = await Promise.all([
    readHolding(deps, scope, null),
    readLive(deps, scope, waitScale),
    deps.trail.read(scope, { lane: lanes.unaccounted }),
    readTail(deps, scope, lanes.announced),
    Promise.all(
      (deps.stage.environments[service] ?? []).map((one) =>
        deps.trail.read(scopes.environment(service, one), { lane: lanes.drill, last: drillsRead }),
      ),
    ),
  ]);
  const live = liveIn(lane);
  const now = live.at(-1);
  const before = await versionBefore(deps, live, null);
  const all = unaccountedIn(unaccounted);
  const changes = changesToShow(all);
  const said = withWords ? changes.flatMap(({ explanation }) => explanation?.digest ?? []) : [];
  const announced = announcementsIn(announcing).toReversed().slice(0, mostAnnounced);
  const reasons = withWords ? announced.map(({ reason }) => reason) : [];
  const texts = await readWords(deps.people, [scope, scopes.service(service)], [...said, ...reasons]);
  const since = new Date(deps.clock.now().getTime() - proposedForMs).toISOString();
  return {
    service,
    environment,
    holder: holding.how === 'free' ? null : holding,
    live: now === undefined ? null : { ...named(now), since: now.at, readBack: now.readBack, commit: before?.commit ?? null },
    target: rollbackTargetOf(live, waitScale, () => false) ?? null,
    proposed: openProposals(lane, since).map(({ event: { at, data } }) => ({
      ...named({ ...data, run: null }),
      by: data.by,
      roles: data.roles,
      at,
    })),
    drill: newestDrill(drills.flat()) ?? null,
    unaccounted: changes.map((change) => shown(change, texts)),
    unaccountedLeftOut: all.length - changes.length,
    announced: announced.map((one) => announcedView(one, texts)),
  };
};

type Named = Immutable<z.infer<typeof targetSchema>>;
const named = ({ run, version, level, components }: Omit<Named, 'readBack'>): Named => ({ run, version, level, components });

const changesToShow = (all: readonly UnaccountedChange[]): readonly UnaccountedChange[] => {
  const newest = all.toReversed();
  return [...newest.filter(({ explanation }) => explanation === null), ...newest.filter(({ explanation }) => explanation !== null)].slice(
    0,
    mostChanges,
  );
};

const shown = (
  { id, what, seenAt, digest, account, explanation }: UnaccountedChange,
  texts: ReadonlyMap<string, Words>,
): EnvironmentView['unaccounted'][number] => {
  if (explanation === null) return { change: id, what, seenAt, digest, account, explanation };
  const { text, salt } = texts.get(explanation.digest) ?? erasedWords;
  return { change: id, what, seenAt, digest, account, explanation: { ...explanation, text, salt } };
};

const announcedView = (
  { event, kind, subject, from, until, by, actor, announcedAt, reason }: Announcement,
  texts: ReadonlyMap<string, Words>,
): EnvironmentView['announced'][number] => {
  const { text, salt } = texts.get(reason) ?? erasedWords;
  return { announcement: event, kind, subject, from, until, by: by ?? actor, at: announcedAt, reason: { digest: reason, text, salt } };
};
