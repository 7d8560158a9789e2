import * as z from 'zod';
import { operations } from '../api/contract.ts';
import { counted } from '../wording.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';
import { followUpLines } from './show-run.ts';

const options = {
  cause: { type: 'string' },
  link: { type: 'string' },
  justified: { type: 'string' },
  'not-justified': { type: 'string' },
} as const;

type Values = ReturnType<typeof read<typeof options>>['values'];

export const followUp: Command = {
  usage: 'holdpoint follow-up RUN [FOLLOW-UP --justified TEXT|--not-justified TEXT | --cause TEXT [--link URL]]',
  binds: 'a follow-up of the run RUN; your sign-in (or --token) says who you are',
  defaults: 'FOLLOW-UP: the cause, where --cause is given; without an answer it lists them',
  examples: [
    'holdpoint follow-up RUN',
    'holdpoint follow-up RUN --cause "A field of the order was renamed, and its readers were not" --link https://git.example.com/shop/pull/42',
    'holdpoint follow-up RUN step-by-hand-0a1b2c3d --justified "The function was broken, and the service was down"',
  ],
  prints: z.union([operations.answerFollowUp.answer.schema, operations.readRun.answer.schema]),
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', named],
    } = read(argv, options, ['run', 'follow-up?']);
    const body = bodyOf(values);
    if (body === undefined && named !== undefined)
      throw new Usage('got a follow-up without an answer, expected --cause, --justified or --not-justified');
    const client = await connect(io, values, 'operations-lead');
    if (body === undefined)
      return conclude(io, values.json, await client.readRun({ params: { run } }), (view) => ({
        text: [...followUpLines(view), ...(view.followUps.length === 0 ? ['Nothing is asked of this run.'] : [])].join('\n'),
      }));
    const answered = await client.answerFollowUp({ params: { run, followUp: named ?? 'cause' }, body });
    return conclude(io, values.json, answered, ({ followUp: id, answer, alreadyRecorded }) => ({
      text: `Recorded: ${id}, ${answer}.${alreadyRecorded ? ' It was recorded before.' : ''}`,
    }));
  },
};

const bodyOf = ({ cause, link, justified, 'not-justified': notJustified }: Values) => {
  const given = [cause, justified, notJustified].filter((text) => text !== undefined);
  if (given.length === 0 && link === undefined) return undefined;
  if (given.length !== 1)
    throw new Usage(`got ${counted(given.length, 'answer')}, expected one of --cause, --justified and --not-justified`);
  if (link !== undefined && cause === undefined) throw new Usage('got --link, expected it with --cause');
  const statement = need(given[0], 'cause');
  if (justified !== undefined) return { answer: 'justified' as const, statement };
  if (notJustified !== undefined) return { answer: 'not-justified' as const, statement };
  return { answer: 'stated' as const, statement, ...(link === undefined ? {} : { link }) };
};
