import type { AnswerOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { counted } from '../wording.ts';
import { need, read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import type { Command } from './io.ts';

type Shown = AnswerOf<(typeof operations)['listEvidence']>;

export const standing: Command = {
  usage: 'holdpoint standing SERVICE',
  binds: 'the service; nothing is changed',
  defaults: 'no option has one',
  examples: ['holdpoint standing shop', 'holdpoint standing shop --json'],
  prints: operations.listEvidence.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [service = ''],
    } = read(argv, {}, ['service']);
    const client = await connect(io, values, 'auditor');
    return conclude(io, values.json, await client.listEvidence({ params: { service } }), (shown) => ({ text: textOf(shown) }));
  },
};

/** Confirms what another person gave. */
export const confirm: Command = {
  usage: 'holdpoint confirm SERVICE EVENT [--reject] [--reason TEXT]',
  binds: 'one piece of evidence of the service, by the id of its event; your sign-in (or --token) says who you are',
  defaults: 'without --reject it is confirmed',
  examples: ['holdpoint confirm shop EVENT', 'holdpoint confirm shop EVENT --reject --reason "Two of the operators were away that week"'],
  prints: operations.decideEvidence.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [service = '', event = ''],
    } = read(argv, { reject: { type: 'boolean' }, reason: { type: 'string' } }, ['service', 'event']);
    const client = await connect(io, values, 'technical-lead');
    const body = {
      decision: values.reject === true ? ('rejected' as const) : ('confirmed' as const),
      ...(values.reason === undefined ? {} : { reason: values.reason }),
    };
    return conclude(io, values.json, await client.decideEvidence({ params: { service, event }, body }), ({ decision, evidence }) => ({
      text:
        decision === 'confirmed'
          ? `Confirmed: ${evidence} counts in every run of ${service} from now on.`
          : `Rejected: ${evidence} counts in no run.`,
    }));
  },
};

/** Takes back what counts. */
export const withdraw: Command = {
  usage: [
    'holdpoint withdraw SERVICE EVENT --reason TEXT',
    '',
    'Takes back standing evidence that counts: it turned out to be wrong, and nothing newer can take its place yet. It counts in no run any more.',
    'In open runs a check that rests on it is missing, as if the evidence had grown too old, and a passed gate regresses: the open gate waits until',
    'the check is satisfied again. It is so after T0, too, where the age of evidence no longer counts: people then decide whether to roll back.',
  ].join('\n'),
  binds: 'one piece of evidence of the service, by the id of its event; your sign-in (or --token) says who you are',
  defaults: 'no option has one',
  examples: [
    'holdpoint withdraw shop EVENT --reason "The guide describes the checkout of last year"',
    'holdpoint withdraw shop EVENT --reason "The backup was of another database" --json',
  ],
  prints: operations.withdrawEvidence.answer.schema,
  run: async (argv, io) => {
    const {
      values,
      positionals: [service = '', event = ''],
    } = read(argv, { reason: { type: 'string' } }, ['service', 'event']);
    const body = { reason: need(values.reason, 'reason') };
    const client = await connect(io, values, 'technical-lead');
    return conclude(io, values.json, await client.withdrawEvidence({ params: { service, event }, body }), ({ evidence }) => ({
      text: `Withdrawn: ${evidence} counts in no run of ${service} any more.`,
    }));
  },
};

const day = (instant: string | null): string => (instant ?? '').slice(0, 10);

const textOf = ({ service, evidence, missing, leftOut }: Shown): string => {
  const lines = evidence.flatMap(
    ({ event, type, source, environment, state, givenBy, givenAt, decidedBy, withdrawnBy, withdrawnAt, until, checks }) => {
      const by = decidedBy === null ? '' : `, ${state === 'rejected' ? 'rejected' : 'confirmed'} by ${decidedBy}`;
      const taken = withdrawnAt === null ? '' : `, withdrawn ${day(withdrawnAt)} by ${withdrawnBy ?? ''}`;
      const ends = state === 'counts' ? `, counts until ${day(until)}` : '';
      return [
        `${state.padEnd(9)} ${type} of ${source}${environment === null ? '' : ` about ${environment}`}: given ${day(givenAt)} by ${givenBy}${by}${taken}${ends}${state === 'waits' ? `; holdpoint confirm ${service} ${event}` : ''}`,
        ...checks.map((one) => `            ${one.verdict.padEnd(12)} ${one.check}  ${one.reason}`),
      ];
    },
  );
  return [
    ...(lines.length === 0 ? [`Nothing stands for ${service}.`] : lines),
    ...(leftOut === 0 ? [] : [`Not shown here: ${counted(leftOut, 'older piece')}`]),
    ...missing.map(({ check, title, environment }) => `nothing   ${check}: ${title}${environment === null ? '' : ` (${environment})`}`),
  ].join('\n');
};
