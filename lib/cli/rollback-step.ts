import { operations } from '../api/contract.ts';
import { rollbackStepIds } from '../audit/events/rollback.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';

const answers = ['done', 'failed', 'retry', 'by-hand', 'end'] as const;

const options = {
  done: { type: 'boolean' },
  failed: { type: 'boolean' },
  retry: { type: 'boolean' },
  'by-hand': { type: 'boolean' },
  end: { type: 'boolean' },
  attempt: { type: 'string' },
  undo: { type: 'boolean' },
  reason: { type: 'string' },
  evidence: { type: 'string', multiple: true },
} as const;

type Values = ReturnType<typeof read<typeof options>>['values'];

export const rollbackStep: Command = {
  usage:
    'holdpoint rollback-step RUN STEP --done|--failed --attempt NUMBER [--undo] [--reason TEXT], or --retry|--by-hand|--end --reason TEXT [--evidence EVENT]...',
  binds: 'one step of the rollback of the run RUN; an answer to the number of the attempt; your sign-in (or --token) says who you are',
  defaults: '--undo: the step itself, not its undoing; --evidence: none',
  examples: [
    'holdpoint rollback-step RUN stop-requests --done --attempt 1',
    'holdpoint rollback-step RUN revert-version --by-hand --reason "Set the alias live back to version 41 in the console"',
  ],
  prints: operations.handleStep.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', named = ''],
    } = read(argv, options, ['run', 'step']);
    const step = rollbackStepIds.find((id) => id === named);
    if (step === undefined) throw new Usage(`got the step ${named}, expected one of ${rollbackStepIds.join(', ')}`);
    const body = bodyOf(values);
    const client = await connect(io, values, 'operations-lead');
    return conclude(io, values.json, await client.handleStep({ params: { run, step }, body }), ({ answer, alreadyRecorded }) => ({
      text: `Recorded: ${step}, ${answer}.${alreadyRecorded ? ' It was recorded before.' : ''}`,
    }));
  },
};

const bodyOf = (values: Values) => {
  const given = answers.filter((one) => values[one] === true);
  const [answer] = given;
  if (answer === undefined || given.length > 1)
    throw new Usage(
      `got ${given.map((one) => `--${one}`).join(' and ') || 'no answer'}, expected one of ${answers.map((one) => `--${one}`).join(', ')}`,
    );
  const { evidence } = values;
  if (answer !== 'by-hand' && evidence !== undefined) throw new Usage('--evidence shows what was done by hand: use it with --by-hand');
  if (answer === 'done' || answer === 'failed') {
    const action = values.undo ? ('undo' as const) : ('do' as const);
    const attempt = Number(need(values.attempt, 'attempt'));
    if (!Number.isInteger(attempt) || attempt < 1)
      throw new Usage(`got --attempt ${values.attempt}, expected the number of the attempt, from 1`);
    return answer === 'done'
      ? { answer, action, attempt, detail: values.reason ?? '' }
      : { answer, action, attempt, detail: need(values.reason, 'reason') };
  }
  if (values.attempt !== undefined || values.undo) throw new Usage('--attempt and --undo belong to --done and --failed');
  const reason = need(values.reason, 'reason');
  return answer === 'by-hand' ? { answer, reason, evidence: evidence ?? [] } : { answer, reason };
};
