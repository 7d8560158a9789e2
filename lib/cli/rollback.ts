import { operations } from '../api/contract.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, Usage } from './io.ts';

/** Whose token a local stage uses without `--as`. */
const onDuty = 'operations-lead';

/** The one of several flags that was given. */
const oneOf = <F extends string>(values: Readonly<Record<string, unknown>>, flags: readonly F[]): F => {
  const given = flags.filter((flag) => values[flag] === true);
  const [first, second] = given;
  const all = flags.map((flag) => `--${flag}`).join(', ');
  if (first === undefined) throw new Usage(`one of ${all} is missing`);
  if (second !== undefined) throw new Usage(`got --${given.join(' and --')}, expected one of ${all}`);
  return first;
};

const repeated = (alreadyRecorded: boolean): string => (alreadyRecorded ? ' It was recorded before.' : '');

export const rollback: Command = {
  usage: 'holdpoint rollback RUN --trigger TRIGGER --reason TEXT [--shown TEXT] [--evidence EVENT]... [--decide]',
  binds:
    'the run RUN and a rollback trigger of its checklist; --shown says what shows it (ids of rows, a query, a link) and --evidence names events of the run: data corruption needs one of them; your sign-in (or --token) says who you are',
  defaults: '--shown and --evidence none; without --decide people decide afterwards',
  examples: [
    'holdpoint rollback RUN --trigger data-corruption-detected --reason "Orders of today have no lines" --shown "orders 4411 to 4420" --decide',
    'holdpoint rollback RUN --trigger critical-feature-not-working --reason "Nobody can check out" --evidence 0123456789abcdef0123456789abcdef',
  ],
  prints: operations.triggerRollback.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(
      argv,
      {
        trigger: { type: 'string' },
        reason: { type: 'string' },
        shown: { type: 'string' },
        evidence: { type: 'string', multiple: true },
        decide: { type: 'boolean' },
      },
      ['run'],
    );
    const { shown, evidence = [], decide = false } = values;
    const about = { ...(shown === undefined ? {} : { shown }), evidence, decide };
    const body = { trigger: need(values.trigger, 'trigger'), reason: need(values.reason, 'reason'), ...about };
    const client = await connect(io, values, onDuty);
    return conclude(io, values.json, await client.triggerRollback({ params: { run }, body }), ({ alreadyRecorded }) => ({
      text: `Recorded: ${body.trigger}. ${decide ? 'The release is rolled back.' : `Unless it is decided already, decide: holdpoint rollback-decision ${run} --decision roll-back|continue --reason TEXT.`}${repeated(alreadyRecorded)}`,
    }));
  },
};

export const rollbackDecision: Command = {
  usage: 'holdpoint rollback-decision RUN --decision roll-back|continue --reason TEXT',
  binds: 'the open rollback trigger of the run RUN; your sign-in (or --token) says who you are',
  defaults: 'no option has one',
  examples: [
    'holdpoint rollback-decision RUN --decision roll-back --reason "Checkout fails for every second customer"',
    'holdpoint rollback-decision RUN --decision continue --reason "The alarm was a test, see ticket 4411"',
  ],
  prints: operations.decideRollback.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { decision: { type: 'string' }, reason: { type: 'string' } }, ['run']);
    const decision = need(values.decision, 'decision');
    if (decision !== 'roll-back' && decision !== 'continue') throw new Usage(`got --decision ${decision}, expected roll-back or continue`);
    const body = { decision, reason: need(values.reason, 'reason') } as const;
    const client = await connect(io, values, onDuty);
    return conclude(io, values.json, await client.decideRollback({ params: { run }, body }), ({ alreadyRecorded }) => ({
      text: `Decided: ${decision}.${repeated(alreadyRecorded)}`,
    }));
  },
};

export const rollbackData: Command = {
  usage: 'holdpoint rollback-data RUN --restore|--keep --reason TEXT [--backup INSTANT]',
  binds: 'the data of the rollback of the run RUN; your sign-in (or --token) says who you are',
  defaults: '--backup: no backup is named',
  examples: [
    'holdpoint rollback-data RUN --keep --reason "The new column is ignored by the old version"',
    'holdpoint rollback-data RUN --restore --backup 2026-12-01T08:00:00Z --reason "Orders since 09:00 have no lines"',
  ],
  prints: operations.decideData.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { restore: { type: 'boolean' }, keep: { type: 'boolean' }, reason: { type: 'string' }, backup: { type: 'string' } }, [
      'run',
    ]);
    const choice = oneOf(values, ['restore', 'keep']);
    const reason = need(values.reason, 'reason');
    if (choice === 'keep' && values.backup !== undefined) throw new Usage('--backup says what is restored, and --keep restores nothing');
    const body = choice === 'keep' ? { choice, reason } : { choice, reason, backupAt: values.backup };
    const client = await connect(io, values, onDuty);
    return conclude(io, values.json, await client.decideData({ params: { run }, body }), ({ alreadyRecorded }) => ({
      text: `Decided: the data is ${choice === 'keep' ? 'kept' : 'restored'}.${repeated(alreadyRecorded)}`,
    }));
  },
};
