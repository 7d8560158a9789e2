import picomatch from 'picomatch';
import * as z from 'zod';
import { isTestFile } from '../evidence/source-files.ts';
import { isUnnamed, languageOf } from '../producers/languages.ts';
import { type Scanned, sarifOf } from '../producers/scan.ts';
import { scanTools } from '../producers/scan-rules.ts';
import { listedBy } from '../profile/schema.ts';
import { counted } from '../wording.ts';
import { read } from './arguments.ts';
import { git } from './git.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';
import { profileWith } from './profile-file.ts';

const options = { exclude: { type: 'string', multiple: true }, profile: { type: 'string' }, output: { type: 'string' } } as const;
/** Larger files are generated: nobody writes a comment in them. */
const mostBytes = 2 * 1024 * 1024;
/** So many files of no feature are named; `--json` has all. */
const mostNamed = 10;

export const scan: Command = {
  usage: [
    'holdpoint scan [PATH…] [--exclude GLOB]… [--profile FILE] [--output FILE]',
    '',
    `Reads every file below PATH (default: the whole repository) that git knows, except tests, and writes a SARIF log with one run of`,
    `${scanTools.map(({ tool, title }) => `${tool} (${title})`).join(' and one of ')}. Comments and code are distinguished in`,
    'the usual programming languages, by the name of a file or the first line of a script; files of other kinds are not read. A comment `holdpoint-allow RULE: REASON` on the line, or on the',
    'line before, suppresses a finding; the check says how many suppressions it accepts.',
    'With --profile, production code is what the features of that profile list by `paths`, relative to this folder, which must be that of',
    'the repository. Files in a known language that no feature lists are not read, and are named. The log lists the files that were read.',
    'A log of a scan with PATH or --exclude, in a subfolder, or of a checkout in which files are missing says so, and proves nothing of the',
    'whole: the checks are inconclusive by it. It also says which features chose its files, and how many they left out: they must be those of',
    'the profile in force, and where a run has no profile, they must leave nothing out.',
    'Exit code 1: something was found.',
  ].join('\n'),
  binds: 'the files of this repository that git knows, as they are in the folder; nothing is sent',
  defaults: 'PATH the whole repository, --output scan.sarif; without --profile all production files',
  examples: [
    'holdpoint scan',
    'holdpoint scan --profile holdpoint.yaml',
    'holdpoint scan src --exclude "src/generated/**" --output scan.sarif',
  ],
  prints: z.object({
    file: z.string(),
    files: z.int(),
    notRead: z.int(),
    inNoFeature: z.array(z.string()),
    scope: z.enum(['whole', 'part']),
    absent: z.array(z.string()),
    found: z.int(),
    suppressed: z.int(),
  }),
  run: async (argv, io) => {
    const { values, positionals: paths } = read(argv, options, ['path?…']);
    const isExcluded = picomatch(values.exclude ?? [], { dot: true });
    const listed = (await git(io, ['ls-files', '-z', '--', ...paths])).split('\0').filter((path) => path !== '');
    const production = listed.filter((path) => !isTestFile(path) && !((values.exclude ?? []).length > 0 && isExcluded(path)));
    const globs = values.profile === undefined ? undefined : await globsIn(io, values.profile);
    const isOfFeature = globs === undefined ? () => true : listedBy(globs);
    const wanted = production.filter(isOfFeature);
    const unnamed = await readAll(io, production.filter(isUnnamed));
    const scripts = unnamed.files.filter(({ path, source }) => languageOf(path, source) !== undefined);
    const named = await readAll(
      io,
      wanted.filter((path) => languageOf(path) !== undefined),
    );
    const files = [...named.files, ...scripts.filter(({ path }) => isOfFeature(path))];
    const absent = [...named.absent, ...unnamed.absent.filter(isOfFeature)];
    // git lists what is below this folder only, and names it from here.
    const folder = (await git(io, ['rev-parse', '--show-prefix'])).trim();
    const isKnown = (path: string): boolean => languageOf(path) !== undefined || scripts.some((one) => one.path === path);
    if (files.length === 0)
      throw new Usage(
        `none of ${counted(listed.length, 'file')} that git knows here is production code in a known language${values.profile === undefined ? '' : ` and listed by a feature of ${values.profile}`}: nothing would be proved`,
      );
    const isWhole = paths.length === 0 && (values.exclude ?? []).length === 0 && folder === '' && absent.length === 0;
    const inNoFeature = production.filter((path) => isKnown(path) && !isOfFeature(path));
    const scope: 'whole' | 'part' = isWhole ? 'whole' : 'part';
    const log = sarifOf(
      files.map(({ path, source }) => ({ path: `${folder}${path}`, source })),
      { version: '1', endedAt: io.now().toISOString(), scope, paths: globs, inNoFeature: inNoFeature.length },
    );
    const output = values.output ?? 'scan.sarif';
    await io.writeFile(output, `${JSON.stringify(log, null, 1)}\n`);
    const found = log.runs.flatMap(({ results }) => results);
    const open = found.filter((one) => !('suppressions' in one));
    const said = {
      file: output,
      files: files.length,
      notRead: wanted.length - files.length,
      inNoFeature,
      scope,
      absent,
      found: open.length,
      suppressed: found.length - open.length,
    };
    io.out(values.json ? jsonText(said) : `${textOf(said, open)}\n`);
    return open.length === 0 ? 0 : 1;
  },
};

/** The files of all features. */
const globsIn = async (io: Io, file: string): Promise<readonly string[]> =>
  (await profileWith(io, file)).profile.features.flatMap(({ paths }) => paths);

/** `absent`: git knows the file, and it is not in the folder, as in a sparse checkout: nobody read it. */
const readAll = async (io: Io, paths: readonly string[]): Promise<{ readonly files: Scanned[]; readonly absent: string[] }> => {
  const files: Scanned[] = [];
  const absent: string[] = [];
  for (const path of paths) {
    const entry = await io.entryOf(path, false).catch(() => undefined);
    if (entry === undefined) absent.push(path);
    // A link leads to a file that is listed itself, or to one that is not of this repository.
    if (entry?.kind !== 'file' || entry.bytes > mostBytes) continue;
    files.push({ path, source: new TextDecoder().decode(await io.readFile(path)) });
  }
  return { files, absent };
};

type Result = ReturnType<typeof sarifOf>['runs'][number]['results'][number];

type Said = Readonly<Record<'files' | 'notRead' | 'suppressed', number>> & {
  readonly file: string;
  readonly inNoFeature: readonly string[];
  readonly absent: readonly string[];
  readonly scope: 'whole' | 'part';
};

const textOf = ({ file, files, notRead, suppressed, inNoFeature, absent, scope }: Said, open: readonly Result[]): string =>
  [
    ...open.map(({ ruleId, message, locations: [place] }) =>
      plain(
        `${decodeURI(place?.physicalLocation.artifactLocation.uri ?? '')}:${place?.physicalLocation.region.startLine} ${ruleId}: ${message.text}`,
      ),
    ),
    ...(inNoFeature.length === 0 ? [] : [unlistedText(inNoFeature)]),
    ...(absent.length === 0 ? [] : [plain(`Not read, because not in the folder: ${shortList(absent)}`)]),
    ...(scope === 'whole' ? [] : ['Only a part of the repository was scanned, and the log says so: the checks are inconclusive by it.']),
    `${counted(files, 'file')} read, ${notRead} of other kinds not read: ${open.length} found, ${suppressed} suppressed. The SARIF log is in ${plain(file)}.`,
  ].join('\n');

const unlistedText = (paths: readonly string[]): string =>
  plain(`Not read, because no feature of the profile lists them: ${shortList(paths)}`);

const shortList = (paths: readonly string[]): string =>
  `${paths.slice(0, mostNamed).join(', ')}${paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : ''}`;
