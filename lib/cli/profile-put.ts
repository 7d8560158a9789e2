import type { Answer, AnswerOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { definitionDiffText } from './definition-diff.ts';
import type { Command, Io } from './io.ts';
import { mistakeText } from './profile-file.ts';
import { fileFor, usualFile } from './profile-service.ts';

export type Proposed = AnswerOf<(typeof operations)['proposeProfile']>;

export const profilePut: Command = {
  usage: [
    'holdpoint profile put FILE [--service NAME] [--dry-run]',
    '',
    'The server reads the file, applies it to its checklist and says every mistake with line and column. The profile is in force once one technical',
    'lead and one operations lead have approved it; a later proposal takes the place of an open one. --dry-run records nothing.',
    'A feature of the profile in force that the file no longer has needs an entry in removedFeatures, with a reason; a check that is observed for',
    'longer than in that profile needs a deviation of its mode.',
  ].join('\n'),
  binds: 'the service that FILE names, by the digest of what the file says; your sign-in (or --token) says who you are',
  defaults: '--service that of the file',
  examples: [`holdpoint profile put ${usualFile}`, `holdpoint profile put ${usualFile} --dry-run --json`],
  prints: operations.proposeProfile.answer.schema,
  run: async (argv, io) => {
    const options = { service: { type: 'string' }, 'dry-run': { type: 'boolean' } } as const;
    const {
      values,
      positionals: [file = ''],
    } = read(argv, options, ['file']);
    const { bytes, service } = await fileFor(io, file, values.service);
    const client = await connect(io, values, 'developer');
    const query = { dryRun: values['dry-run'] === true ? ('true' as const) : ('false' as const) };
    const answer = await client.proposeProfile({ params: { service }, query, body: bytes as never });
    sayMistakes(io, file, values.json, answer);
    return conclude(io, values.json, answer, (said) => ({
      text: [sentenceOf(said), '', ...definitionDiffText(said.diff, io.columns), ...nextOf(said)].join('\n'),
    }));
  },
};

/** Each mistake as compilers write it; the document of `--json` has them anyway. */
export const sayMistakes = (io: Io, file: string, json: boolean | undefined, answer: Answer<unknown>): void => {
  if (json === true) return;
  for (const mistake of answer.problem?.mistakes ?? []) io.err(`${mistakeText(file, mistake)}\n`);
};

const sentenceOf = ({ state, profile, definition, alreadyRecorded }: Proposed): string => {
  const what = `profile ${profile.slice(0, 12)}, which gives the definition ${definition.slice(0, 12)}`;
  if (state === 'checked') return `Checked: ${what}. Nothing was recorded.`;
  if (state === 'in-force') return `In force already: ${what}.`;
  return `${alreadyRecorded ? 'Proposed already' : 'Proposed'}: ${what}.`;
};

const nextOf = ({ state, needs, profile }: Proposed): string[] =>
  state === 'proposed' ? ['', `It waits for its approval by the ${needs}: holdpoint profile approve ${profile.slice(0, 12)}`] : [];
