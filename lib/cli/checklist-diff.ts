import * as z from 'zod';
import type { Answer } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { baseChecklist } from '../checklist/checklist.ts';
import { type Checklist, checklistSchema } from '../checklist/definition.ts';
import { deviationChanges } from '../checklist/definition-diff.ts';
import { gateChanges } from '../checklist/gates-diff.ts';
import { listing } from '../checklist/listing.ts';
import { diffListings } from '../checklist/listing-diff.ts';
import { repeated } from '../evidence/records/kind.ts';
import { firstIssue } from '../evidence/unreadable.ts';
import { deviationDifferences } from '../query/diff-words.ts';
import { definitionDiffSchema } from '../query/profile-view.ts';
import { read } from './arguments.ts';
import type { Listed } from './checklist-details.ts';
import { conclude } from './conclude.ts';
import { connect, type Target } from './connect.ts';
import { linesText, listed } from './definition-diff.ts';
import { jsonIn } from './given-file.ts';
import { type Command, type Io, Usage } from './io.ts';

const printed = definitionDiffSchema
  .pick({ from: true, to: true, added: true, removed: true, changed: true, reordered: true, deviations: true })
  .extend({
    gates: z
      .array(z.object({ gate: z.string(), changes: definitionDiffSchema.shape.changed.element.shape.changes }))
      .nullable()
      .meta({ description: 'Gates that differ, and in what; null where one side is a listing, which does not show it.' }),
  });

export const checklistDiff: Command = {
  usage: [
    'holdpoint checklist diff A B',
    '',
    'A and B are each one of: `built-in` (what this version of Holdpoint ships), `current` (what the server uses now), the digest of a',
    'definition that the server published, or a JSON file: a definition, or what `holdpoint checklist --json` printed.',
  ].join('\n'),
  binds: 'two checklists, A before and B after; nothing is changed',
  defaults: 'no option has one',
  examples: ['holdpoint checklist diff built-in current', 'holdpoint checklist diff built-in current --json'],
  prints: printed,
  run: async (argv, io) => {
    const {
      values,
      positionals: [a = '', b = ''],
    } = read(argv, {}, ['a', 'b']);
    const from = await checklistAt(io, values, a);
    if (from.ok === undefined) return conclude(io, values.json, from, () => ({ text: '' }));
    const to = await checklistAt(io, values, b);
    const answer = to.ok === undefined ? to : { ok: differenceOf(from.ok, to.ok) };
    return conclude(io, values.json, answer, (diff) => ({ text: diffText(diff, io.columns) }));
  },
};

/** A listing, and the whole definition where it is at hand. */
type Side = { readonly listed: Listed; readonly definition?: Checklist };
const ofDefinition = (definition: Checklist): Side => ({ listed: listing(definition) as Listed, definition });

const checklistAt = async (io: Io, target: Target, place: string): Promise<Answer<Side>> => {
  if (place === 'built-in') return { ok: ofDefinition(baseChecklist) };
  if (place === 'current' || /^[0-9a-f]{64}$/.test(place)) {
    const client = await connect(io, target, 'auditor');
    const answer = await client.readChecklist(place === 'current' ? {} : { query: { digest: place } });
    return answer.ok === undefined ? answer : { ok: { listed: answer.ok } };
  }
  const side = sideOf(await jsonIn(io, place, '`built-in`, `current`, a digest or a JSON file'), place);
  const [twice] = repeated(side.listed.items.map(({ id }) => id));
  if (twice !== undefined) throw new Usage(`${place} has the item ${twice} twice, so that nobody can say which of them holds`);
  return { ok: side };
};

/** Only a listing says its own digest. */
const sideOf = (json: unknown, place: string): Side => {
  const definition = checklistSchema.safeParse(json);
  if (definition.success) return ofDefinition(definition.data);
  const listed = operations.readChecklist.answer.schema.safeParse(json);
  if (listed.success) return { listed: listed.data };
  const isListing = typeof json === 'object' && json !== null && 'digest' in json;
  throw new Usage(
    `${place} is no checklist: ${firstIssue(isListing ? listed.error : definition.error)}; expected a definition, or what \`holdpoint checklist --json\` printed`,
  );
};

const differenceOf = (from: Side, to: Side) => ({
  ...diffListings(from.listed as never, to.listed as never),
  deviations: deviationChanges(from.listed as never, to.listed as never),
  gates: from.definition === undefined || to.definition === undefined ? null : [...gateChanges(from.definition, to.definition)],
});
type Differs = ReturnType<typeof differenceOf>;

const diffText = (diff: Differs, columns: number | undefined): string => {
  const { from, to, added, removed, changed, deviations, gates } = diff;
  const head = `${from.name} ${from.version} (${from.digest.slice(0, 12)}) and ${to.name} ${to.version} (${to.digest.slice(0, 12)})`;
  const lines = linesText(diff, columns);
  const others = listed(
    [
      ...deviationDifferences(deviations as never),
      ...(gates ?? []).map(({ gate, changes }) => ({
        sign: '~' as const,
        check: null,
        text: `gate ${gate}`,
        changes: changes.map(({ says }) => says),
      })),
    ],
    columns,
  );
  const isSame = from.digest === to.digest && lines.length + others.length === 0;
  const unseen = isSame || gates !== null ? [] : ['Gates and their times are not compared: a listing does not show them.'];
  if (isSame) return [head, 'They are the same.'].join('\n');
  const counts = `${added.length} added, ${removed.length} removed, ${changed.length} changed`;
  return [head, counts, '', ...others, ...lines, ...unseen].join('\n');
};
