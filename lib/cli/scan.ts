import picomatch from 'picomatch';
import * as z from 'zod';
import { isTestFile } from '../evidence/source-files.ts';
import { languageOf } from '../producers/languages.ts';
import { type Scanned, sarifOf } from '../producers/scan.ts';
import { scanTools } from '../producers/scan-rules.ts';
import { read } from './arguments.ts';
import { git } from './git.ts';
import { type Command, type Io, Usage } from './io.ts';
import { jsonText, plain } from './plain.ts';

const options = { exclude: { type: 'string', multiple: true }, output: { type: 'string' } } as const;
/** Larger files are generated: nobody writes a comment in them. */
const mostBytes = 2 * 1024 * 1024;

export const scan: Command = {
  usage: [
    'holdpoint scan [PATH…] [--exclude GLOB]… [--output FILE]',
    '',
    `Reads every file below PATH (default: the whole repository) that git knows, except tests, and writes a SARIF log with one run of`,
    `${scanTools.map(({ tool, title }) => `${tool} (${title})`).join(' and one of ')}. Comments and code are distinguished in`,
    'the usual programming languages; files of other kinds are not read. A comment `holdpoint-allow RULE: REASON` on the line, or on the',
    'line before, suppresses a finding; the check says how many suppressions it accepts.',
    'Default: --output scan.sarif. Exit code 1: something was found.',
  ].join('\n'),
  binds: 'the files of this repository that git knows, as they are in the folder; nothing is sent',
  defaults: 'PATH the whole repository, --output scan.sarif',
  examples: ['holdpoint scan', 'holdpoint scan src --exclude "src/generated/**" --output scan.sarif'],
  prints: z.object({ file: z.string(), files: z.int(), notRead: z.int(), found: z.int(), suppressed: z.int() }),
  run: async (argv, io) => {
    const { values, positionals: paths } = read(argv, options, ['path?…']);
    const isExcluded = picomatch(values.exclude ?? [], { dot: true });
    const listed = (await git(io, ['ls-files', '-z', '--', ...paths])).split('\0').filter((path) => path !== '');
    const production = listed.filter((path) => !isTestFile(path) && !((values.exclude ?? []).length > 0 && isExcluded(path)));
    const files = await readAll(
      io,
      production.filter((path) => languageOf(path) !== undefined),
    );
    if (files.length === 0)
      throw new Usage(
        `none of the ${listed.length} files that git knows here is production code in a known language: nothing would be proved`,
      );
    const log = sarifOf(files, { version: '1', endedAt: io.now().toISOString() });
    const output = values.output ?? 'scan.sarif';
    await io.writeFile(output, `${JSON.stringify(log, null, 1)}\n`);
    const found = log.runs.flatMap(({ results }) => results);
    const open = found.filter((one) => !('suppressions' in one));
    const said = {
      file: output,
      files: files.length,
      notRead: production.length - files.length,
      found: open.length,
      suppressed: found.length - open.length,
    };
    io.out(values.json ? jsonText(said) : `${textOf(said, open)}\n`);
    return open.length === 0 ? 0 : 1;
  },
};

const readAll = async (io: Io, paths: readonly string[]): Promise<Scanned[]> => {
  const files: Scanned[] = [];
  for (const path of paths) {
    const entry = await io.entryOf(path, false).catch(() => undefined);
    // A link leads to a file that is listed itself, or to one that is not of this repository.
    if (entry?.kind !== 'file' || entry.bytes > mostBytes) continue;
    files.push({ path, source: new TextDecoder().decode(await io.readFile(path)) });
  }
  return files;
};

type Result = ReturnType<typeof sarifOf>['runs'][number]['results'][number];

const textOf = (
  said: { readonly file: string; readonly files: number; readonly notRead: number; readonly suppressed: number },
  open: readonly Result[],
): string =>
  [
    ...open.map(({ ruleId, message, locations: [place] }) =>
      plain(
        `${decodeURI(place?.physicalLocation.artifactLocation.uri ?? '')}:${place?.physicalLocation.region.startLine} ${ruleId}: ${message.text}`,
      ),
    ),
    `${said.files} files read, ${said.notRead} of other kinds not read: ${open.length} found, ${said.suppressed} suppressed. The SARIF log is in ${plain(said.file)}.`,
  ].join('\n');
