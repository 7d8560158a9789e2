import type { AnswerOf } from '../api/client.ts';
import type { operations } from '../api/contract.ts';
import { baseChecklist } from '../checklist/checklist.ts';
import { listing } from '../checklist/listing.ts';
import { evidenceTypes, typesJudgedAs } from '../registry/evidence.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect, hasServer } from './connect.ts';
import { durationText } from './duration.ts';
import type { Command } from './io.ts';
import { fitted } from './plain.ts';
import { checklistWith } from './profile-file.ts';

type Listed = AnswerOf<(typeof operations)['readChecklist']>;
type Item = Listed['items'][number];

/** What a report of each needed type may be. It is known here, so that the server's function that reads need not bundle the parsers. */
const formatsOf = ({ items }: Listed) => {
  const needed = new Set<string>(items.flatMap(({ evidence }) => evidence.flatMap(typesJudgedAs)));
  return Object.values(evidenceTypes)
    .filter(({ id }) => needed.has(id))
    .map(({ id, description, fileNames, mediaTypes, maxBytes }) => ({ id, description, fileNames, mediaTypes, maxBytes }));
};

export const checks: Command = {
  name: 'checks',
  summary: 'list the checks: thresholds, proofs, owners, waivers',
  usage: [
    'holdpoint checks [--profile FILE] [--json]',
    '',
    'Shows what every check asks: its thresholds, what proves it in which format, how old the proof may be, who owns it, and whether it may',
    'be waived. The definition is the one that the server of HOLDPOINT_URL, --url or a running local stage uses, with its deviations;',
    'without a server it is the one that Holdpoint ships. With --profile it is the shipped one as the profile of a service in FILE changes it,',
    'and no server is asked.',
  ].join('\n'),
  examples: ['holdpoint checks', 'holdpoint checks --json', 'holdpoint checks --profile holdpoint.yaml'],
  run: async (argv, io) => {
    const { values } = read(argv, { profile: { type: 'string' } }, []);
    const own = values.profile === undefined ? undefined : await checklistWith(io, values.profile);
    const server = own === undefined && (await hasServer(io, values)) ? await connect(io, values, 'auditor') : undefined;
    const answer = server === undefined ? { ok: listing(own ?? baseChecklist) as Listed } : await server.readChecklist({});
    const shipped =
      own === undefined ? 'the definition that Holdpoint ships' : `the definition that Holdpoint ships with ${values.profile}`;
    const from = server === undefined ? shipped : `from ${server.address}`;
    const shown = answer.ok === undefined ? answer : { ok: { ...answer.ok, evidenceTypes: formatsOf(answer.ok) } };
    return conclude(io, values.json, shown, (list) => ({ text: listText(list, from, io.columns) }));
  },
};

const listText = (list: Listed, from: string, columns: number | undefined): string => {
  const titles = new Map(list.gates.map(({ id, title }) => [id, `${title} (${id})`]));
  const lines = [`${list.name} ${list.version} (${list.digest.slice(0, 12)}), ${list.items.length} items, ${from}`];
  for (const [place, item] of list.items.entries()) {
    if (place === 0 || item.gate !== list.items[place - 1]?.gate)
      lines.push('', item.gate === null ? 'Rollback triggers' : (titles.get(item.gate) ?? item.gate));
    lines.push(
      fitted(`  ${item.id}: ${item.title}`, columns, 4),
      ...detailsOf(item, list).map((line) => fitted(`      ${line}`, columns, 8)),
    );
  }
  return lines.join('\n');
};

const detailsOf = (item: Item, list: Listed): string[] => {
  const thresholds = thresholdsOf(item.rule);
  const known = new Map(formatsOf(list).map((format) => [format.id as string, format]));
  const formats = item.evidence
    .flatMap((type) => typesOrSelf(type))
    .map((type) => {
      const format = known.get(type);
      const names = format === undefined || format.fileNames.length === 0 ? '' : ` (${format.fileNames.join(', ')})`;
      return `${type}: ${format?.description ?? 'unknown to this version'}${names}`;
    });
  return [
    ...(thresholds.length === 0 ? [] : [`thresholds   ${thresholds.join(', ')}`]),
    `proof        ${item.proof}`,
    ...formats.map((format) => `evidence     ${format}`),
    ...(item.after === null ? [] : [`made after   ${item.after}`]),
    `maximum age  ${item.maxAgeSeconds === null ? 'as long as the run' : durationText(item.maxAgeSeconds * 1000)}`,
    `owner        ${item.owner}`,
    `exceptions   ${exceptionsTo(item)}`,
    ...(item.mode === 'observe'
      ? [`observed     judged and shown only${item.observeUntil === undefined ? '' : ` until ${item.observeUntil}, then required`}`]
      : []),
    ...list.deviations
      .filter(({ check }) => check === item.id)
      .map(
        ({ parameter, here, document, reason, approver }) =>
          `deviation    ${parameter} ${here} instead of ${document}. ${reason} Accepted by ${approver}.`,
      ),
  ];
};

/** A type of a newer server is shown by its name. */
const typesOrSelf = (type: string): readonly string[] => {
  const known = typesJudgedAs(type);
  return known.length === 0 ? [type] : known;
};

const exceptionsTo = ({ waivable, optional }: Item): string =>
  [waivable ? 'may be waived' : 'may not be waived', ...(optional ? ['may be declared not applicable'] : [])].join(', ');

/** The parameters of a rule in words: `maxP99Ms: 2000` is "p99 at most 2000 ms". */
export const thresholdsOf = (rule: Item['rule']): string[] =>
  Object.entries(rule ?? {}).flatMap(([name, value]) => (name === 'kind' || name === 'evidence' ? [] : [thresholdOf(name, value)]));

const units: Readonly<Record<string, string>> = { Pct: ' %', Ms: ' ms', Seconds: ' s' };

/** Features are listed by their ids. */
const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value ? String(value.id) : String(value);

const thresholdOf = (name: string, value: unknown): string => {
  const [, sense = '', subject = '', unit = ''] = /^(min|max|)(.+?)(Pct|Ms|Seconds|)$/.exec(name) ?? [];
  const text = Array.isArray(value) ? value.map(nameOf).join(', ') : String(value);
  const words = subject.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  const bound = sense === 'min' || subject === 'floor' ? ' at least' : sense === 'max' ? ' at most' : '';
  return `${subject === 'floor' ? 'covered' : words}${bound} ${text}${units[unit] ?? ''}`;
};
