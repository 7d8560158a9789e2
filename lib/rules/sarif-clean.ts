import * as z from 'zod';
import { quoted } from '../canonical-json.ts';
import { chosenBy } from '../evidence/chosen-files.ts';
import type { SarifCount, SarifFacts, SarifTool } from '../evidence/sarif.ts';
import { isOneOf } from '../evidence/tool-names.ts';
import { counted } from '../wording.ts';
import { evidenceRule } from './kind.ts';
import { atMost, listed } from './parameter-words.ts';

/** Worst last. Where no finding is allowed, not even one that its tool gives no level counts as none. */
const levels = ['none', 'note', 'warning', 'error'] as const;

export const sarifClean = evidenceRule({
  kind: 'sarif-clean/1',
  description: 'A trusted tool ended well and found nothing above a level.',
  evidence: 'sarif',
  parameters: {
    tools: z.array(z.string()).min(1),
    maxLevel: z.enum(['none', 'note', 'warning']),
    maxSuppressed: z.int().min(0).optional(),
    /** Globs of the production files: where Holdpoint's own scanner chose its files by globs, these must be the same. */
    production: z.array(z.string().min(1)).min(1).optional(),
  },
  words: {
    tools: listed('tools that are trusted'),
    maxLevel: {
      name: 'findings that are accepted',
      says: (level: string) => (level === 'none' ? 'none' : level === 'note' ? 'notes' : 'notes and warnings'),
      none: 'none',
    },
    maxSuppressed: atMost('findings that the report sets aside'),
    production: listed('production files'),
  },
  bounds: { maxSuppressed: { most: 100 } },
  service: {
    takes: ({ tools }) => (tools.some(isOwnScan) ? ['production'] : []),
    fitted: (rule, { production }) =>
      production === undefined || !rule.tools.some(isOwnScan) ? rule : { ...rule, production: [...production] },
  },
  // A lint's report says nothing about secrets: judging it would block a check by a report that nobody meant for it.
  appliesTo: (rule, facts: SarifFacts) => facts.tools.some(isOneOf(rule.tools)),
  wants: ({ tools }) => `a SARIF log of ${tools.join(' or ')}`,
  // A clean log of one tool says nothing about the findings of another.
  covers: (later: readonly SarifFacts[], earlier: SarifFacts) =>
    earlier.tools.every((tool) => later.some(({ tools }) => tools.some(isOneOf([tool.name])))),
  judge: (rule, facts: SarifFacts) => {
    const trusted = facts.tools.filter(isOneOf(rule.tools));
    if (trusted.length === 0)
      return {
        verdict: 'inconclusive',
        reason: `a report of ${facts.tools.map(({ name }) => name).join(', ')}; ${rule.tools.join(' or ')} expected`,
      };
    const sum = (what: SarifCount): number => trusted.reduce((all, tool) => all + tool[what], 0);
    const bad = levels.slice(rule.maxLevel === 'none' ? 0 : levels.indexOf(rule.maxLevel) + 1);
    const figures = `${trusted.map(nameWithFiles).join(', ')}: ${counted(sum('error'), 'error')}, ${counted(sum('warning'), 'warning')}, ${counted(sum('note'), 'note')}, ${sum('suppressed')} suppressed`;
    const first = trusted.flatMap((tool) => tool.first).find(({ level }) => bad.some((one) => one === level));
    if (bad.some((level) => sum(level) > 0))
      return {
        verdict: 'fail',
        reason: `${figures}; first: ${quoted(first?.rule ?? 'unnamed', 100)} in ${first?.place ? quoted(first.place, 200) : 'no named file'}`,
      };
    // Who writes the report also writes its suppressions: how many are accepted is the definition's to say.
    if (rule.maxSuppressed !== undefined && sum('suppressed') > rule.maxSuppressed)
      return { verdict: 'fail', reason: `${figures}; at most ${rule.maxSuppressed} suppressed expected` };
    if (sum('undecided') > 0) return { verdict: 'inconclusive', reason: `${figures}; ${sum('undecided')} left open by the tool` };
    if (sum('unfinished') > 0) {
      const signs = trusted.flatMap((tool) => tool.signs ?? []);
      return {
        verdict: 'inconclusive',
        reason: `${figures}; the tool says that it did not end well${signs.length > 0 ? `: ${signs.join(', ')}` : ''}`,
      };
    }
    const blank = trusted.filter((tool) => (tool.blank ?? 0) > 0);
    const [silent] = blank.filter(({ name }) => silentTools.includes(name.toLowerCase()));
    if (silent !== undefined)
      return {
        verdict: 'inconclusive',
        reason: `${figures}; nothing shows that ${silent.name} scanned anything: its log lists neither rules nor files nor an invocation`,
      };
    // Where nothing was read, nothing could be found. Holdpoint's own scanner says what it read.
    const [unread] = trusted.filter(({ files }) => files === 0);
    if (unread !== undefined) return { verdict: 'inconclusive', reason: `${figures}; ${unread.name} read no file` };
    const [narrowed] = trusted.flatMap(({ files, scope = 'unknown' }) => (files === undefined || scope === 'whole' ? [] : scope));
    if (narrowed !== undefined) return { verdict: 'inconclusive', reason: `${figures}; ${narrowedBy[narrowed]}` };
    const { production } = rule;
    // Globs that left nothing out read what every profile lists.
    const [partial] = trusted.filter(({ chosenBy: by, leftOut }) => by !== undefined && leftOut !== 0 && by !== inForce(production));
    if (partial !== undefined)
      return { verdict: 'inconclusive', reason: `${figures}; ${production === undefined ? leftOutBy(partial) : otherFiles}` };
    const caveat = blank.length === 0 ? '' : `; the log of ${namesOf(blank)} lists neither rules nor files nor an invocation`;
    return { verdict: 'pass', reason: `${figures}${caveat}` };
  },
});

/**
 * secretlint's SARIF has the same bytes whether it read every file, ignored all of them or had no rule (seen with secretlint 11). Other tools
 * end with an error then, or warn, and many linters' log of a clean run is as short: it counts, and the reason says what it lacks.
 */
const silentTools: readonly string[] = ['secretlint'];
const namesOf = (tools: readonly SarifTool[]): string => tools.map(({ name }) => name).join(', ');

const isOwnScan = (tool: string): boolean => tool.startsWith('holdpoint-scan-');
const inForce = (production: readonly string[] | undefined): string | undefined =>
  production === undefined ? undefined : chosenBy(production);
const otherFiles =
  "the files were chosen by other features than those of the run's profile: scan with the profile in force, or without --profile";

const leftOutBy = ({ leftOut }: SarifTool): string =>
  `features of a profile left out ${leftOut === undefined ? 'some files' : counted(leftOut, 'file')}, and the run has no profile: scan without --profile`;

/** Holdpoint's own scanner says how many files it read. */
const nameWithFiles = ({ name, files }: SarifTool): string => (files === undefined ? name : `${name} in ${counted(files, 'file')}`);

/** Why a log proves nothing of the whole repository, and what to do. */
const narrowedBy: Readonly<Record<'part' | 'unknown', string>> = {
  part: 'only a part of the repository was scanned: run `holdpoint scan` in its top folder, with all files there, without PATH and --exclude',
  unknown: 'the log does not say that the whole repository was scanned: write it with this version of `holdpoint scan`',
};
