import * as z from 'zod';
import { scopes } from '../audit/lane.ts';
import type { Checklist } from '../checklist/definition.ts';
import { diffDefinitions } from '../checklist/definition-diff.ts';
import type { Immutable } from '../fields.ts';
import { inForceIn, missingWords, openIn, type Proposal, proposalsIn, rejectedIn } from '../folds/profile.ts';
import { type Outcome, ok, refuse } from '../outcome.ts';
import type { Dependencies } from '../ports.ts';
import { profileStore, readProfiles } from '../run/state/registered-profiles.ts';
import { erasedWords, readWords, type Words } from '../run/state/words.ts';
import { profileSectionSchema, profileSectionsOf } from './profile-sections.ts';
import { saidDeviationSchema } from './said-deviation.ts';

const named = z.object({ name: z.string(), version: z.string(), digest: z.string() });
const line = z.object({ id: z.string(), title: z.string(), words: z.string() });
const feature = z.object({ id: z.string(), title: z.string() });
const deviation = saidDeviationSchema;

/** How one definition differs from another: what people approve. */
export const definitionDiffSchema = z
  .object({
    from: named,
    to: named,
    added: z.array(line),
    removed: z.array(line),
    changed: z
      .array(
        line.extend({
          changes: z.array(
            z.object({
              member: z.string(),
              from: z.unknown(),
              to: z.unknown(),
              says: z.string().meta({ description: 'The change in words with units.' }),
            }),
          ),
        }),
      )
      .meta({
        description: 'Checks with figures before and after; a figure of the rule is named `rule.<figure>`, null where one side lacks it.',
      }),
    reordered: z.boolean(),
    observed: z.array(z.object({ check: z.string(), title: z.string(), from: z.string().nullable(), to: z.string().nullable() })).meta({
      description: 'Until when a check is judged and shown only; null where it is required, `for good` where it has no date.',
    }),
    deviations: z.object({ added: z.array(deviation), removed: z.array(deviation) }),
    features: z.object({
      added: z.array(feature),
      removed: z.array(feature.extend({ deviation: deviation.nullable() })).meta({ description: 'A removed feature is a deviation.' }),
      renamed: z.array(z.object({ id: z.string(), from: z.string(), to: z.string() })),
    }),
    targets: z
      .array(z.object({ environment: z.string(), target: z.string(), from: z.string().nullable(), to: z.string().nullable() }))
      .meta({ description: 'At what Holdpoint looks itself, by environment; null where one side does not name it.' }),
  })
  .meta({ id: 'DefinitionDiff', description: 'How one definition differs from another: what people approve.' });

const proposal = z.object({
  event: z.string().meta({ description: 'Id of the event `profile.proposed`.' }),
  profile: z.string().meta({ description: 'Digest of the profile: what a run can name.' }),
  definition: z.string().meta({ description: 'Digest of the definition that it gives.' }),
  base: z.string().meta({ description: 'Digest of the checklist to which it was applied.' }),
  by: z.string(),
  at: z.string(),
  answers: z.array(
    z.object({
      by: z.string(),
      roles: z.array(z.string()),
      answer: z.string(),
      at: z.string(),
      reason: z
        .object({ digest: z.string(), text: z.string().nullable(), salt: z.string().nullable() })
        .nullable()
        .meta({ description: 'Its text is null for CI jobs, and once it was erased.' }),
    }),
  ),
  needs: z.string().nullable().meta({ description: 'Who has still to approve it; null where nobody has.' }),
  sections: z
    .array(profileSectionSchema)
    .nullable()
    .default(null)
    .meta({ description: 'Of the profile in force: what it says, as people read it; null of the others and where its form is not known.' }),
  content: z.unknown().meta({ description: 'The profile itself; null where it is not stored any more.' }),
});

/** An open object, like every view. */
export const profileViewSchema = z.object({
  service: z.string(),
  base: z.string().meta({ description: 'Digest of the checklist of the stage, to which a profile is applied now.' }),
  inForce: proposal.nullable().meta({ description: 'What runs of the service take; null: the bare checklist.' }),
  open: proposal.nullable().meta({ description: 'The proposal that waits for answers.' }),
  rejected: proposal
    .nullable()
    .default(null)
    .meta({ description: 'The newest proposal that was rejected, until a later one is approved; its answers have the reason.' }),
  diff: definitionDiffSchema
    .nullable()
    .meta({ description: 'From what is in force, or from the bare checklist, to the open proposal; null where none is open.' }),
  outdated: z.boolean().meta({
    description: 'The checklist has changed since the open proposal: it can only be approved after the same file was proposed again.',
  }),
});
export type ProfileView = Immutable<z.input<typeof profileViewSchema>>;

type Reader = Pick<Dependencies, 'trail' | 'definitions' | 'evidence' | 'people'>;

/** What is registered for a service. `withText`: for people who hold a role. */
export const readProfile = async (deps: Reader, service: string, withText: boolean): Promise<Outcome<ProfileView>> => {
  const proposals = proposalsIn(await readProfiles(deps, service));
  const [inForce, open, rejected] = [inForceIn(proposals), openIn(proposals), rejectedIn(proposals)];
  const current = deps.definitions.current();
  const [before, after] = await Promise.all([inForce, open].map((one) => definitionOf(deps, one)));
  const lost = (inForce !== undefined && before === undefined) || (open !== undefined && after === undefined);
  if (lost)
    return refuse('definition-unknown', 'The definition of the registered profile is not in the evidence store.', {
      expected: [inForce?.definition, open?.definition].join(', '),
      fix: 'Restore the definitions/ objects of the evidence bucket.',
    });
  const reasons = [inForce, open, rejected].flatMap((one) => one?.answers.flatMap(({ reason }) => reason ?? []) ?? []);
  const texts = await readWords(deps.people, [scopes.service(service)], withText ? reasons : []);
  const [shownInForce = null, shownOpen = null, shownRejected = null] = await Promise.all(
    [inForce, open, rejected].map((one) => shown(deps, one, texts)),
  );
  const base = inForce === undefined ? undefined : ((await deps.definitions.read(inForce.base)) ?? current.checklist);
  return ok({
    service,
    base: current.digest,
    inForce: withSections(shownInForce, before, base),
    open: shownOpen,
    rejected: shownRejected,
    diff: after === undefined ? null : diffDefinitions(before ?? current.checklist, after),
    outdated: open !== undefined && open.base !== current.digest,
  });
};

const withSections = (
  one: ProfileView['inForce'],
  definition: Checklist | undefined,
  base: Checklist | undefined,
): ProfileView['inForce'] =>
  one === null || definition === undefined || base === undefined
    ? one
    : { ...one, sections: profileSectionsOf(one.content, definition, base) ?? null };

const definitionOf = async ({ definitions }: Reader, one: Proposal | undefined): Promise<Checklist | undefined> =>
  one === undefined ? undefined : definitions.read(one.definition);

const shown = async ({ evidence }: Reader, one: Proposal | undefined, texts: ReadonlyMap<string, Words>): Promise<ProfileView['open']> => {
  if (one === undefined) return null;
  const { event, profile, definition, base, by, at, answers, state } = one;
  const bytes = await evidence.get(profileStore, profile);
  return {
    event,
    profile,
    definition,
    base,
    by,
    at,
    answers: answers.map((given) => {
      const { text, salt } = texts.get(given.reason ?? '') ?? erasedWords;
      const reason = given.reason === null ? null : { digest: given.reason, text, salt };
      return { by: given.by, roles: given.roles, answer: given.answer, at: given.at, reason };
    }),
    needs: state === 'open' ? missingWords(one) : null,
    content: bytes === undefined ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown),
  };
};
