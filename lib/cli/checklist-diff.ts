import type { Answer } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { baseChecklist } from '../checklist/checklist.ts';
import { checklistSchema } from '../checklist/definition.ts';
import { listing } from '../checklist/listing.ts';
import { diffListings, type ListingDiff } from '../checklist/listing-diff.ts';
import { definitionDiffSchema } from '../query/profile-view.ts';
import { read } from './arguments.ts';
import type { Listed } from './checklist-details.ts';
import { conclude } from './conclude.ts';
import { connect, type Target } from './connect.ts';
import { linesText } from './definition-diff.ts';
import { jsonIn } from './given-file.ts';
import { type Command, type Io, Usage } from './io.ts';

const printed = definitionDiffSchema.pick({ from: true, to: true, added: true, removed: true, changed: true, reordered: true });

export const checklistDiff: Command = {
  usage: [
    'holdpoint checklist diff A B [--json]',
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
    const answer = to.ok === undefined ? to : { ok: diffListings(from.ok as never, to.ok as never) };
    return conclude(io, values.json, answer, (diff) => ({ text: diffText(diff, io.columns) }));
  },
};

const checklistAt = async (io: Io, target: Target, place: string): Promise<Answer<Listed>> => {
  if (place === 'built-in') return { ok: listing(baseChecklist) as Listed };
  if (place === 'current') return (await connect(io, target, 'auditor')).readChecklist({});
  if (/^[0-9a-f]{64}$/.test(place)) return (await connect(io, target, 'auditor')).readChecklist({ query: { digest: place } });
  const json = await jsonIn(io, place, '`built-in`, `current`, a digest or a JSON file');
  const definition = checklistSchema.safeParse(json);
  if (definition.success) return { ok: listing(definition.data) as Listed };
  const listed = operations.readChecklist.answer.schema.safeParse(json);
  if (listed.success) return { ok: listed.data };
  const [issue] = listed.error.issues;
  throw new Usage(
    `${place} is no checklist: ${issue?.path.join('.') || 'the document'}: ${issue?.message ?? ''}; expected a definition, or what \`holdpoint checklist --json\` printed`,
  );
};

const diffText = (diff: ListingDiff, columns: number | undefined): string => {
  const { from, to, added, removed, changed } = diff;
  const head = `${from.name} ${from.version} (${from.digest.slice(0, 12)}) and ${to.name} ${to.version} (${to.digest.slice(0, 12)})`;
  const lines = linesText(diff, columns);
  if (lines.length > 0)
    return [head, `${added.length} added, ${removed.length} removed, ${changed.length} changed`, '', ...lines].join('\n');
  const rest = from.digest === to.digest ? 'They are the same.' : 'Their lines are the same; gates, windows or deviations differ.';
  return [head, rest].join('\n');
};
