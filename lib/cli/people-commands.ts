import { baseChecklist } from '../checklist/checklist.ts';
import { conclude, connect, read } from './connect.ts';
import { type Command, Usage } from './io.ts';

/** What people call by hand: attest, waive. */

/** Who stands in on a local stage when nothing else says who calls: the check's owner, who alone may speak for it. */
const ownerOf = (check: string): string => baseChecklist.items.find(({ id }) => id === check)?.owner ?? 'technical-lead';

export const attest: Command = {
  name: 'attest',
  summary: 'attest a check in your own words',
  usage: 'holdpoint attest <run> <check> --statement TEXT',
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', check = ''],
    } = read(argv, { statement: { type: 'string' } }, ['run', 'check']);
    if (values.statement === undefined) throw new Usage('--statement is missing: say in your own words why the check holds');
    const client = await connect(io, values, ownerOf(check));
    return conclude(io, values.json, await client.attest({ params: { run, check }, body: { statement: values.statement } }), () => ({
      text: `attested ${check}`,
    }));
  },
};

export const waive: Command = {
  name: 'waive',
  summary: 'accept an exception to a check until an instant',
  usage: 'holdpoint waive <run> <check> --reason TEXT --until INSTANT',
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = '', check = ''],
    } = read(argv, { reason: { type: 'string' }, until: { type: 'string' } }, ['run', 'check']);
    if (values.reason === undefined || values.until === undefined)
      throw new Usage('a waiver has a --reason and ends at an instant: --until 2026-12-01T00:00:00Z');
    const client = await connect(io, values, ownerOf(check));
    return conclude(
      io,
      values.json,
      await client.waive({ params: { run, check }, body: { reason: values.reason, until: values.until } }),
      () => ({ text: `waived ${check} until ${values.until}` }),
    );
  },
};
