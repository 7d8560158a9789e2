import * as z from 'zod';
import { checklistDigest } from '../checklist/definition.ts';
import { isTestFile } from '../evidence/source-files.ts';
import { languageOf } from '../producers/languages.ts';
import { mostDaysObserved, observedTooLong } from '../profile/observe-limit.ts';
import { listedBy, type Profile, profileDigest } from '../profile/schema.ts';
import { read } from './arguments.ts';
import type { Command, Io } from './io.ts';
import { jsonText, plain } from './plain.ts';
import { mistakeText, profileIn } from './profile-file.ts';

const mostNamed = 10;

const mistakes = z.array(z.object({ line: z.int(), column: z.int(), member: z.string(), message: z.string() }));
const count = z.int().min(0);
const printed = z.union([
  z.object({
    file: z.string(),
    service: z.string(),
    digest: z.string(),
    definition: z.string().meta({ description: 'Digest of the definition that the profile gives.' }),
    features: count,
    checks: count,
    observed: count,
    deviations: count,
    mistakes: mistakes.max(0),
    notes: z.array(z.string()),
  }),
  z.object({ file: z.string(), mistakes: mistakes.min(1) }),
]);

export const profileCheck: Command = {
  usage: [
    'holdpoint profile check FILE',
    '',
    'Reads a profile (holdpoint.yaml), applies it to the definition that Holdpoint ships, and says every mistake with line and column. Nothing is',
    'sent. Of the files that git knows here it names the production files that no feature lists, and features that list no file.',
    `A check may be observed for ${mostDaysObserved} days from today at most; after that a deviation says why it is dropped.`,
    'Exit code 1: the profile has a mistake.',
  ].join('\n'),
  binds: 'a file on this machine, and the definition that this version ships; nothing is sent',
  defaults: 'no option has one',
  examples: ['holdpoint profile check holdpoint.yaml', 'holdpoint profile check holdpoint.yaml --json'],
  prints: printed,
  run: async (argv, io) => {
    const {
      values,
      positionals: [file = ''],
    } = read(argv, {}, ['file']);
    const given = await profileIn(io, file);
    const mistakes = 'wrong' in given ? given.wrong : given.placed(observedTooLong(given.profile, io.now()));
    if ('wrong' in given || mistakes.length > 0) {
      io.out(values.json ? jsonText({ file, mistakes }) : `${mistakes.map((one) => mistakeText(file, one)).join('\n')}\n`);
      return 1;
    }
    const { profile, checklist } = given;
    const notes = [...pastNotes(profile, io.now()), ...(await fileNotes(io, profile))];
    const said = {
      file,
      service: profile.service,
      digest: profileDigest(profile),
      definition: checklistDigest(checklist),
      features: profile.features.length,
      checks: profile.checks?.length ?? 0,
      observed: Object.keys(profile.observe ?? {}).length,
      deviations: profile.deviations?.length ?? 0,
    };
    io.out(values.json ? jsonText({ ...said, mistakes, notes }) : `${textOf(said, notes)}\n`);
    return 0;
  },
};

type Said = { readonly file: string; readonly service: string; readonly digest: string; readonly definition: string } & Readonly<
  Record<'features' | 'checks' | 'observed' | 'deviations', number>
>;

const textOf = ({ file, service, digest, definition, ...counts }: Said, notes: readonly string[]): string =>
  [
    `${plain(file)}: the profile ${digest.slice(0, 12)} of ${service} gives the definition ${definition.slice(0, 12)}`,
    `  features ${counts.features}, own checks ${counts.checks}, observed ${counts.observed}, deviations ${counts.deviations}`,
    ...notes.map((note) => `  note: ${plain(note)}`),
  ].join('\n');

const pastNotes = ({ observe = {} }: Profile, now: Date): readonly string[] =>
  Object.entries(observe).flatMap(([id, until]) => (Date.parse(until) <= now.getTime() ? [`${id} is required since ${until}`] : []));

/** Code, not configuration: of files beside the code nobody measures coverage. */
const isProduction = (path: string): boolean => !isTestFile(path) && languageOf(path) !== undefined && !isConfiguration.test(path);
const isConfiguration =
  /(?:^|\/)\.|\.(?:ya?ml|toml|html?|xml|svg|s?css|less|sh|bash|sql|tf|hcl|tfvars|properties|ini|conf)$|(?:\.config\.\w+|(?:^|\/)(?:[^/.]+file(?:\.\w+)?|[^/]+\.dockerfile))$/i;

const fileNotes = async (io: Io, { features }: Profile): Promise<readonly string[]> => {
  const { code, text } = await io.output('git', ['ls-files', '-z']);
  const files = text.split('\0').filter(isProduction);
  if (code !== 0 || files.length === 0) return ['git knows no production files here: whether the features list them all was not looked at'];
  const matchers = features.map(({ id, paths }) => ({ id, matches: listedBy(paths) }));
  const unlisted = files.filter((path) => !matchers.some(({ matches }) => matches(path)));
  const named = unlisted.slice(0, mostNamed).join(', ');
  return [
    ...matchers
      .filter(({ matches }) => !files.some((path) => matches(path)))
      .map(({ id }) => `the feature ${id} lists no file that git knows`),
    ...(unlisted.length === 0
      ? []
      : [
          `no feature lists ${named}${unlisted.length > mostNamed ? ` and ${unlisted.length - mostNamed} more` : ''}: where they are measured, coverage per feature is inconclusive`,
        ]),
  ];
};
