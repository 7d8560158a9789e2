import * as z from 'zod';
import { operations } from '../api/contract.ts';
import { baseChecklist } from '../checklist/checklist.ts';
import { listing, sectionOf } from '../checklist/listing.ts';
import { counted } from '../wording.ts';
import { read } from './arguments.ts';
import { detailsOf, exceptionsTo, formatsOf, type Item, type Listed } from './checklist-details.ts';
import { conclude } from './conclude.ts';
import { connect, hasServer } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { fitted } from './plain.ts';
import { checklistWith } from './profile-file.ts';

/** By what the lines are grouped. A line that serves several controls stands under each of them. */
const groupings = {
  phase: (list: Listed, item: Item): readonly string[] => [sectionOf(list, item)],
  owner: (_list: Listed, { owner }: Item): readonly string[] => [owner],
  control: (_list: Listed, { controls }: Item): readonly string[] => controls,
};
type Grouping = keyof typeof groupings;

const printed = operations.readChecklist.answer.schema.extend({
  evidenceTypes: z
    .array(
      z.object({
        id: z.string(),
        description: z.string(),
        fileNames: z.array(z.string()),
        mediaTypes: z.array(z.string()),
        maxBytes: z.int().meta({ description: 'A larger report is refused.' }),
      }),
    )
    .meta({ description: 'What a report of each type may be that the checks ask for, as this version knows it.' }),
});

export const checklist: Command = {
  usage: [
    'holdpoint checklist [--by phase|owner|control] [--profile FILE] [--json | --markdown]',
    '',
    'Shows what every item asks: its thresholds, what proves it in which format, how old the proof may be, who owns it, which controls it',
    'serves, and whether it may be waived. The definition is the one that the server of HOLDPOINT_URL, --url or a running local stage uses,',
    'with its deviations; without a server it is the one that Holdpoint ships. --markdown prints tables for a wiki or a pull request.',
    'With --profile it is the shipped definition as the profile of a service in FILE changes it, and no server is asked.',
  ].join('\n'),
  binds: 'the checklist that the server uses now; nothing is changed',
  defaults: '--by phase; without a server the definition that this version ships',
  examples: [
    'holdpoint checklist',
    'holdpoint checklist --by owner --markdown',
    'holdpoint checklist --json',
    'holdpoint checklist --profile holdpoint.yaml',
  ],
  prints: printed,
  run: async (argv, io) => {
    const { values } = read(
      argv,
      { by: { type: 'string', default: 'phase' }, markdown: { type: 'boolean' }, profile: { type: 'string' } },
      [],
    );
    if (!isGrouping(values.by)) throw new Usage(`--by ${values.by}: expected phase, owner or control`);
    if (values.json && values.markdown) throw new Usage('--json and --markdown exclude each other');
    const by = values.by;
    const own = values.profile === undefined ? undefined : await checklistWith(io, values.profile);
    const server = own === undefined && (await hasServer(io, values)) ? await connect(io, values, 'auditor') : undefined;
    const answer = server === undefined ? { ok: listing(own ?? baseChecklist) as Listed } : await server.readChecklist({});
    const shipped = `the definition that Holdpoint ships${values.profile === undefined ? '' : ` with ${values.profile}`}`;
    const from = server === undefined ? shipped : `from ${server.address}`;
    const shown = answer.ok === undefined ? answer : { ok: { ...answer.ok, evidenceTypes: formatsOf(answer.ok) } };
    return conclude(io, values.json, shown, (list) => ({
      text: values.markdown ? markdownOf(list, by, from) : listText(list, { by, from, columns: io.columns }),
    }));
  },
};

const isGrouping = (name: string): name is Grouping => Object.hasOwn(groupings, name);

/** The sections in the order of the list; controls in the order of their names. */
const sectionsOf = (list: Listed, by: Grouping): ReadonlyMap<string, readonly Item[]> => {
  const sections = new Map<string, Item[]>();
  for (const item of list.items) for (const name of groupings[by](list, item)) sections.set(name, [...(sections.get(name) ?? []), item]);
  if (by !== 'control') return sections;
  return new Map([...sections].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true })));
};

const headline = (list: Listed, from: string): string => {
  const ours = list.items.filter(({ source }) => source === 'holdpoint').length;
  return `${list.name} ${list.version} (${list.digest.slice(0, 12)}), ${counted(list.items.length - ours, 'item')} from the document and ${ours} of Holdpoint's own, ${from}`;
};

const listText = (
  list: Listed,
  { by, from, columns }: { readonly by: Grouping; readonly from: string; readonly columns: number | undefined },
): string => {
  const sections = [...sectionsOf(list, by)].map(([name, items]) => [
    '',
    name,
    ...items.flatMap((item) => [
      fitted(`  ${item.id}: ${item.title}`, columns, 4),
      ...detailsOf(item, list).map((line) => fitted(`      ${line}`, columns, 8)),
    ]),
  ]);
  return [headline(list, from), ...sections.flat()].join('\n');
};

/** Text of a table's cell: a bar would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

const markdownOf = (list: Listed, by: Grouping, from: string): string => {
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const sections = [...sectionsOf(list, by)].map(([name, items]) => [
    '',
    `## ${name}`,
    '',
    row(['Item', 'Words', 'Owner', 'Proof', 'Controls', 'Exceptions']),
    '|---|---|---|---|---|---|',
    ...items.map((item) => row([`\`${item.id}\``, item.words, item.owner, item.proof, item.controls.join(', '), exceptionsTo(item)])),
  ]);
  return [`# ${headline(list, from)}`, ...sections.flat()].join('\n');
};
