import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { type CiPreset, ciPresets } from '../../lib/checklist/ci-presets.ts';
import { rollbackGatesOf } from '../../lib/checklist/definition.ts';
import { type Edge, gateGraphOf } from '../../lib/checklist/gate-graph.ts';
import { listing, sectionOf } from '../../lib/checklist/listing.ts';
import { exitCodes } from '../../lib/cli/exit-codes.ts';
import { megabyte } from '../../lib/evidence/kind.ts';
import { seriesJsonSchema } from '../../lib/evidence/published-schemas.ts';
import { type Audience, audiences, mailings } from '../../lib/notification.ts';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { type Limit, limits } from '../../lib/run/commands/limits.ts';

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row)].join('\n');

/** What proves an item, in a word or two. The record's rule names the kind of record. */
const provedBy = ({ rule, evidence, kind }: ReturnType<typeof listing>['items'][number]): string => {
  if (kind === 'trigger') return 'measured or declared';
  if (rule?.kind === 'signed/1') return 'signature';
  const record = /^(.+)-record\/1$/.exec(rule?.kind ?? '')?.[1];
  if (record !== undefined) return `record \`${record}\``;
  return evidence.map((type) => (type === 'attestation' ? type : `\`${type}\``)).join(', ') || 'computed';
};

/** Frameworks are told by the form of the clause; the text below the tables says which is which. */
const clause = (control: string): string => control.replace(/^(SOC 2|ISO\/IEC 27001:2022|NIST SSDF) /, '');

/** A table for each section, so that no column repeats its name and the page stays readable. */
const checklistTable = (): string => {
  const list = listing(baseChecklist);
  const sections = new Map<string, (typeof list.items)[number][]>();
  for (const item of list.items) sections.set(sectionOf(list, item), [...(sections.get(sectionOf(list, item)) ?? []), item]);
  const ours = list.items.filter(({ source }) => source === 'holdpoint').length;
  const tables = [...sections].map(([title, items]) => {
    const rows = items.map((item) => [
      `\`${item.id}\``,
      item.source === 'holdpoint' ? `*${item.title}*` : item.words,
      item.owner,
      provedBy(item),
      item.controls.map(clause).join(', '),
    ]);
    return `**${title}**\n\n${table(['Id', 'Line', 'Owner', 'Proof', 'Controls'], rows)}`;
  });
  return [
    `The ${list.items.length - ours} lines of the document in its own words, and ${ours} of Holdpoint's own in italics. Clauses: CC, A1, C1, PI1: SOC 2 (Trust Services Criteria); A.5 to A.8: ISO/IEC 27001:2022, Annex A; PO, PS, PW: NIST SSDF (SP 800-218).`,
    ...tables,
  ].join('\n\n');
};

const code = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(', ');

const evidenceTable = (): string =>
  table(
    ['Type', 'What it is', 'File names', 'Media types', 'At most'],
    Object.values(evidenceTypes).map(({ id, description, fileNames, mediaTypes, maxBytes, insteadOfUpload }) => [
      `\`${id}\``,
      description,
      ...(insteadOfUpload === undefined ? [code(fileNames), code(mediaTypes), `${maxBytes / megabyte} MB`] : ['not uploaded', '', '']),
    ]),
  );

const starterOf = ({ starter, attempt }: CiPreset): string => {
  if (starter === null) return 'nobody: name a `starter` in the identity';
  const claim = `\`${starter.claim}\`${'part' in starter ? ', the part after `/user/`' : ''}`;
  return attempt === null ? claim : `${claim} of a first attempt (\`${attempt.claim}\` 1)`;
};

const ciTable = (): string =>
  table(
    ['Preset', 'CI system', 'Issuer', 'Whose job: at least one of', 'Who started it', 'A token is known by'],
    Object.entries<CiPreset>(ciPresets).map(([name, preset]) => [
      `\`${name}\``,
      preset.title,
      preset.issuer.form,
      code(preset.owners),
      starterOf(preset),
      preset.unique.length === 0 ? '`jti`' : `\`jti\`, or ${code([...preset.unique, 'iat'])}`,
    ]),
  );

const isComputed = (audience: Audience): audience is keyof typeof audiences => audience in audiences;

const mailTable = (): string =>
  table(
    ['Mail', 'When', 'Who gets it'],
    Object.entries(mailings).map(([kind, { when, to }]) => [
      kind.replaceAll('-', ' '),
      when,
      to.map((audience) => (isComputed(audience) ? audiences[audience] : `the ${audience}`)).join(', '),
    ]),
  );

const exitCodeTable = (): string =>
  table(
    ['Exit code', 'Meaning'],
    exitCodes.map(({ code, meaning }) => [code, meaning]),
  );

const figure = (name: string, most: number | null): string => {
  if (most === null) return '';
  return name === 'bytes' ? `${most / megabyte} MB` : most.toLocaleString('en');
};

const limitsTable = (): string =>
  table(
    ['What is stored', 'Per run', 'Per token of a CI job', 'Per identity and day (UTC)', 'Why so many'],
    Object.entries<Limit>(limits).map(([name, { what, most, why }]) => [
      what,
      figure(name, most.run),
      figure(name, most.token),
      figure(name, most.day),
      why,
    ]),
  );

/**
 * The way back as GitHub draws it (https://mermaid.js.org/syntax/flowchart.html), from the graph of which the state machine is made. Left out:
 * the edge of a cancellation, which nobody can ask for after T0.
 */
const rollbackGraph = (): string => {
  const graph = gateGraphOf(baseChecklist);
  const titles = new Map<string, string>(rollbackGatesOf(baseChecklist).map(({ id, title }) => [id, title.replace(/^Rollback: /, '')]));
  const wayBack = graph.gates.filter(({ id }) => titles.has(id));
  const target = (edge: Edge): string => ('gate' in edge ? edge.gate : edge.end);
  const edge = (from: string, says: string, to: string): string => `  ${from} -- ${says} --> ${to}`;
  const edges = wayBack.flatMap(({ id, passed, rejected, expired, continues }) => [
    edge(id, continues.length > 0 ? 'roll back' : 'proved', target(passed)),
    ...(continues.length > 0 ? [edge(id, 'continue', 'interrupted')] : [edge(id, 'ended by a person', target(rejected))]),
    edge(id, 'too late', target(expired)),
  ]);
  const spine = graph.gates.filter(({ id }) => !titles.has(id));
  const asked = new Set(
    [
      ...[...spine.map((gate) => gate.triggered), graph.incident.triggered].map((to) => ({ says: 'trigger', to })),
      ...spine.map(({ rejected }) => ({ says: 'rejection', to: rejected })),
      ...spine.map(({ capped = null }) => ({ says: 'cap of a review', to: capped })),
    ].flatMap(({ says, to }) => (to !== null && 'gate' in to ? [edge('interrupted', says, to.gate)] : [])),
  );
  const ends = new Set(wayBack.flatMap((gate) => [gate.passed, gate.rejected]).flatMap((to) => ('end' in to ? [to.end] : [])));
  return [
    '```mermaid',
    'flowchart TD',
    '  interrupted(["gate after T0, or incident"])',
    '  drill(["drill"])',
    ...[...titles].map(([id, title]) => `  ${id}["${title}"]`),
    ...[...ends].filter((end) => edges.some((one) => one.endsWith(` --> ${end}`))).map((end) => `  ${end}(["${end}"])`),
    ...asked,
    edge('drill', 'starts at', graph.drill),
    ...edges,
    '```',
  ].join('\n');
};

/** The parts of the README that are written from the code, each between two markers. */
const parts: readonly { readonly begin: string; readonly end: string; readonly written: () => string }[] = [
  { begin: '<!-- checklist: written by `npm run docs` -->', end: '<!-- end of checklist -->', written: checklistTable },
  { begin: '<!-- exit codes: written by `npm run docs` -->', end: '<!-- end of exit codes -->', written: exitCodeTable },
  { begin: '<!-- evidence types: written by `npm run docs` -->', end: '<!-- end of evidence types -->', written: evidenceTable },
  { begin: '<!-- mails: written by `npm run docs` -->', end: '<!-- end of mails -->', written: mailTable },
  { begin: '<!-- CI systems: written by `npm run docs` -->', end: '<!-- end of CI systems -->', written: ciTable },
  { begin: '<!-- way back: written by `npm run docs` -->', end: '<!-- end of way back -->', written: rollbackGraph },
  { begin: '<!-- limits: written by `npm run docs` -->', end: '<!-- end of limits -->', written: limitsTable },
];

/** The text with every part between markers written anew. */
export const withTables = (text: string): string =>
  parts.reduce((current, { begin, end, written }) => {
    const [before, rest] = current.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined) throw new Error(`README.md has lost the markers ${begin} and ${end}`);
    return `${before}${begin}\n${written()}\n${end}${after}`;
  }, text);

/** The published schema of the series, as its file has it. */
export const seriesSchemaText = (): string => `${JSON.stringify(seriesJsonSchema(), null, 2)}\n`;
