import * as z from 'zod';
import { type Checklist, gateOf, itemOf } from '../checklist/definition.ts';
import { type DefinitionDiff, diffDefinitions } from '../checklist/definition-diff.ts';
import { titlesIn } from '../checklist/thresholds.ts';
import type { Immutable } from '../fields.ts';
import { type Profile, profileSchema } from '../profile/schema.ts';
import { descriptionOf } from '../registry/rules.ts';
import { asWords } from '../wording.ts';

const line = z.object({
  text: z.string(),
  check: z.string().nullable().meta({ description: 'Id of the check that it is about.' }),
  more: z.array(z.string()).meta({ description: 'Figures and paths that belong to it.' }),
  until: z.string().nullable().meta({ description: 'The instant from which on the check is required.' }),
});
export const profileSectionSchema = z.object({ name: z.string(), lines: z.array(line) });
export type ProfileSection = Immutable<z.infer<typeof profileSectionSchema>>;
type Line = ProfileSection['lines'][number];

const plain = (text: string, given: Partial<Omit<Line, 'text'>> = {}): Line => ({ text, check: null, more: [], until: null, ...given });

/**
 * A profile as people read it: what is looser than in the document first, then what the service says of itself. `base`: the checklist to which it was
 * applied. Sections without an entry are left out. Undefined: the profile has a form that this version does not know.
 */
export const profileSectionsOf = (content: unknown, definition: Checklist, base: Checklist): readonly ProfileSection[] | undefined => {
  const read = profileSchema.safeParse(content);
  if (!read.success) return undefined;
  // The document's own titles: those of the definition may name the profile's figures.
  const about: About = {
    profile: read.data,
    definition,
    diff: diffDefinitions(base, definition),
    titleOf: titlesIn({ gates: [], items: [...definition.items, ...base.items] }),
  };
  return Object.entries(sections)
    .map(([name, linesOf]) => ({ name, lines: [...linesOf(about)] }))
    .filter(({ lines }) => lines.length > 0);
};

type About = {
  readonly profile: Profile;
  readonly definition: Checklist;
  readonly diff: DefinitionDiff;
  readonly titleOf: (id: string) => string;
};

const sections: Readonly<Record<string, (about: About) => readonly Line[]>> = {
  'Deviations from the document': ({ diff }) =>
    diff.deviations.added.map(({ check, title, says, reason, approver }) =>
      plain(`${title}: ${says}`, { check, more: [`${reason} Accepted by the ${asWords(approver)}.`] }),
    ),
  'Judged and shown only': ({ definition, profile }) =>
    Object.keys(profile.observe ?? {}).flatMap((id): Line[] => {
      const item = itemOf(definition, id);
      return item === undefined ? [] : [plain(item.title, { check: id, until: item.observeUntil ?? null })];
    }),
  Features: ({ profile }) =>
    profile.features.map(({ id, title, paths, suites = [], floorPct }) =>
      plain(title === id ? id : `${title} (${id})`, {
        more: [
          `files: ${paths.join(', ')}`,
          ...(suites.length === 0 ? [] : [`test suites: ${suites.join(', ')}`]),
          ...(floorPct === undefined ? [] : [`covered share: at least ${floorPct} %`]),
        ],
      }),
    ),
  'Stricter than the document': ({ profile, diff, titleOf }) =>
    Object.entries(profile.tighten ?? {}).map(([check, figures]) => {
      const changes = diff.changed.find(({ id }) => id === check)?.changes ?? [];
      const own = changes.filter(({ member }) => Object.hasOwn(figures, member.replace(/^rule\./, '')));
      return plain(titleOf(check), { check, more: own.map(({ says }) => says) });
    }),
  'Checks of its own': ({ profile, definition }) =>
    (profile.checks ?? []).map(({ id, title, gate, owner, proof, rule }) =>
      plain(title, {
        check: id,
        more: [
          `judged at ${gateOf(definition, gate)?.title ?? asWords(gate)}, owned by the ${asWords(owner)}`,
          `${descriptionOf(rule.kind) ?? ''} ${proof}`.trim(),
        ],
      }),
    ),
  'Further evidence': ({ profile, titleOf }) =>
    Object.entries(profile.evidence ?? {}).map(([check, sources]) =>
      plain(titleOf(check), { check, more: sources.map(({ id, rule }) => `${asWords(id)}: ${descriptionOf(rule.kind) ?? ''}`) }),
    ),
  'Guides and plans': ({ profile, titleOf }) =>
    Object.entries(profile.guides ?? {}).map(([check, file]) => plain(titleOf(check), { check, more: [file] })),
  'Test suites of checks': ({ profile, titleOf }) =>
    Object.entries(profile.suites ?? {}).map(([check, suites]) => plain(titleOf(check), { check, more: [suites.join(', ')] })),
  Services: ({ profile }) => (profile.services ?? []).map((name) => plain(name)),
  Endpoints: ({ profile }) => (profile.endpoints ?? []).map((endpoint) => plain(endpoint)),
  Ports: ({ profile: { ports } }) =>
    ports === undefined ? [] : [plain(ports.from === ports.to ? `port ${ports.from}` : `ports ${ports.from} to ${ports.to}`)],
  'Files that migrate data': ({ profile }) => (profile.migrations ?? []).map((glob) => plain(glob)),
  'Where Holdpoint looks': ({ diff }) =>
    diff.targets.flatMap(({ environment, target, to }) =>
      to === null ? [] : [plain(`${target} in ${environment}`, { more: target.endsWith(` ${to}`) ? [] : [to] })],
    ),
};
