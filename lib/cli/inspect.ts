import { basename } from 'node:path';
import * as z from 'zod';
import { problemType } from '../api/problem.ts';
import type { Checklist } from '../checklist/definition.ts';
import { ownSource, proofsOf } from '../checklist/proofs.ts';
import { type Outcome, type Refusal, refusalTitles, refuse } from '../outcome.ts';
import { type EvidenceType, evidenceTypes, isEvidenceType, typesOfFile } from '../registry/evidence.ts';
import { type Inspected, inspectEvidence } from '../registry/inspect.ts';
import { appliesTo, areJudgedAs, judgeEvidence, kindOf, withUntold } from '../registry/rules.ts';
import { type JudgedVerdict, type Judgement, verdicts } from '../verdict.ts';
import { counted } from '../wording.ts';
import { read } from './arguments.ts';
import { inspectText } from './inspect-text.ts';
import { type Command, type Io, Usage } from './io.ts';
import { fitted, jsonLine, plain } from './plain.ts';
import { fileFault } from './problem.ts';
import { checklistWith } from './profile-file.ts';

const typeNames = Object.keys(evidenceTypes);

const printed = z
  .union([
    z.object({
      file: z.string(),
      type: z.string(),
      facts: z.record(z.string(), z.unknown()).meta({ description: 'Figures in the words of the field; which ones depends on the type.' }),
      problems: z
        .array(z.object({ type: z.string(), title: z.string(), declared: z.unknown(), counted: z.unknown() }))
        .meta({ description: 'What does not add up in the report: what it declares, and what was counted.' }),
      checks: z.array(z.object({ id: z.string(), verdict: z.enum(verdicts), reason: z.string() })),
      notJudged: z.array(z.string()),
    }),
    z.object({
      file: z.string(),
      refused: z.object({
        type: z.string(),
        title: z.string(),
        detail: z.string(),
        got: z.string().optional(),
        expected: z.string().optional(),
        fix: z.string().optional(),
      }),
    }),
  ])
  .meta({ description: 'One document on a line for each file, in the order given.' });

export const inspect: Command = {
  usage: [
    'holdpoint evidence inspect FILE… [--type TYPE] [--profile FILE]',
    '',
    'Reads each file as evidence would be read, without any server, and shows its facts, what does not add up in it, and what each check',
    'that such evidence settles would say with the thresholds that Holdpoint ships. Commit, artifact and age are not judged. With --profile',
    'the features, suites and thresholds of that profile count. Without it no suite is filtered: every test counts for each check that test',
    'results settle, and one feature covers all files.',
    'Without --type the content tells the type, and where it shows none the name of the file.',
    '',
    'With --json each file gives one document on one line, in the order given:',
    '  { "file", "type", "facts", "problems": [{ "type", "title", "declared", "counted" }], "checks": [{ "id", "verdict", "reason" }],',
    '    "notJudged": [ … ] }, or { "file", "refused": { "type", "title", "detail" } }',
    'Exit code 0: every file was understood, whatever the checks say. 1: a file was refused.',
    '',
    `Types: ${typeNames.join(', ')}`,
  ].join('\n'),
  binds: 'files on this machine, and the thresholds that this version ships; nothing is sent',
  defaults: '--type from content or name; without --profile no suite is filtered, and one feature covers all files',
  examples: [
    'holdpoint evidence inspect unit.xml',
    'holdpoint evidence inspect lcov.info --profile holdpoint.yaml',
    'holdpoint evidence inspect unit.xml --type junit --json',
  ],
  prints: printed,
  run: async (argv, io) => {
    const { values, positionals } = read(argv, { type: { type: 'string' }, profile: { type: 'string' } }, ['file…']);
    const { type } = values;
    const checklist = await checklistWith(io, values.profile);
    const isFiltered = values.profile !== undefined;
    if (type !== undefined && !isEvidenceType(type)) throw new Usage(`--type ${type}: expected ${typeNames.join(', ')}`);
    let refused = 0;
    for (const file of positionals) {
      const seen = await documentOf(io, { checklist, isFiltered }, file, type);
      if ('refused' in seen) refused += 1;
      io.out(values.json ? jsonLine(seen) : `${inspectText(seen, io.columns)}\n\n`);
    }
    if (values.json !== true && refused < positionals.length)
      for (const line of isFiltered ? [notSaid] : [notFiltered, notSaid]) io.out(`${fitted(line, io.columns, 0)}\n`);
    return refused === 0 ? 0 : 1;
  },
};

const notJudged = ['commit', 'artifact', 'age'] as const;
const notFiltered =
  'No profile was given, so no suite is filtered: every test counts for each check. In a run a check counts the suites of its patterns.';
const notSaid = `Not judged: ${notJudged.join(', ')}. Nothing was sent.`;

type Refused = { readonly file: string; readonly refused: { readonly type: string; readonly title: string } & Omit<Refusal, 'type'> };
type Understood = {
  readonly file: string;
  readonly type: EvidenceType;
  readonly facts: Inspected['words'];
  readonly problems: Inspected['problems'];
  readonly checks: readonly { readonly id: string; readonly verdict: JudgedVerdict; readonly reason: string }[];
  readonly notJudged: typeof notJudged;
};
/** What is said of one file. */
export type Seen = Understood | Refused;

/** `isFiltered`: whether rules choose among what a report shows, by the names of a profile. */
type Judging = { readonly checklist: Checklist; readonly isFiltered: boolean };

const documentOf = async (io: Io, judging: Judging, file: string, type: EvidenceType | undefined): Promise<Seen> => {
  const bytes = await bytesOf(io, file, type);
  if (bytes.refused !== undefined) return refusedAs(file, bytes.refused);
  let found = inspectEvidence(bytes.ok, type);
  const named = typesOfFile(basename(file));
  // A file whose name says what it should be is refused by that type's parser, which knows better what is wrong with it.
  if (found.refused?.type === 'evidence-type-unknown' && named.length === 1) found = inspectEvidence(bytes.ok, named[0]);
  if (found.refused !== undefined) return refusedAs(file, found.refused);
  const { facts, words, problems } = found.ok;
  return { file, type: found.ok.type, facts: words, problems, checks: judged(judging, facts), notJudged };
};

const refusedAs = (file: string, { type, ...refusal }: Refusal): Refused => ({
  file,
  refused: { type: problemType(type), title: refusalTitles[type], ...refusal },
});

const saidOf = ({ verdict, reason }: Judgement): Pick<Judgement, 'verdict' | 'reason'> => ({ verdict, reason });

/** What each check says that such a report can settle; where it has nothing that the check chooses, that it was looked for. */
const judged = ({ checklist, isFiltered }: Judging, facts: Inspected['facts']): Understood['checks'] =>
  checklist.items.flatMap((item) => {
    if (item.gate === null) return [];
    // Of several sources the one counts that says worse, as in a run.
    const said = proofsOf(item).flatMap(({ rule, source }) => {
      const whole = kindOf(rule).service.whole?.(rule) ?? rule;
      if (!appliesTo(whole, facts)) return [];
      const judged = saidOf(withUntold(rule, facts, judgeEvidence(isFiltered ? rule : whole, facts)));
      const { evidence } = kindOf(rule);
      // What is only beside proves nothing without the report that it stands beside.
      const { verdict, reason } =
        judged.verdict === 'pass' && !areJudgedAs(facts, evidence)
          ? { verdict: 'inconclusive' as const, reason: `${judged.reason}; without a report of ${evidence} nothing is proved` }
          : judged;
      return [{ id: item.id, verdict, reason: source === ownSource ? reason : `${source}: ${reason}` }];
    });
    return said.find(({ verdict }) => verdict === 'fail') ?? said.find(({ verdict }) => verdict !== 'pass') ?? said[0] ?? [];
  });

/** A file that is larger than any report of its type is not read at all. */
const bytesOf = async (io: Io, file: string, type: EvidenceType | undefined): Promise<Outcome<Uint8Array>> => {
  const most = Math.max(
    ...Object.values(evidenceTypes).flatMap(({ id, maxBytes }) => (type === undefined || id === type ? [maxBytes] : [])),
  );
  try {
    const entry = await io.entryOf(file, true);
    if (entry.kind !== 'file') {
      const isFolder = entry.kind === 'folder';
      return refuse('evidence-unreadable', `${plain(file)} is no file.`, {
        got: isFolder ? 'a folder' : 'a pipe or a device',
        expected: 'a report',
        fix: isFolder ? 'Name the reports in it.' : 'Write the report to a file, and name that file.',
      });
    }
    if (entry.bytes > most)
      return refuse('body-too-large', `${plain(file)} is larger than a report may be.`, {
        got: `${counted(entry.bytes, 'byte')}`,
        expected: `${most} bytes at most`,
        fix: 'Split the report by source, or leave out captured output.',
      });
    return { ok: await io.readFile(file) };
  } catch (fault) {
    return refuse('evidence-unreadable', `${plain(file)} cannot be read: ${plain(fileFault(fault))}.`, {
      got: plain(fileFault(fault)),
      expected: 'a report',
      fix: 'Check the name of the file.',
    });
  }
};
