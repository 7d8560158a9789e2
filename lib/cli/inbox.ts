import type { AnswerOf } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { detailOf, groupsOf } from '../query/inbox-item.ts';
import { asWords, counted, formatInstant } from '../wording.ts';
import { read } from './arguments.ts';
import { commandLines } from './command-lines.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import type { Command } from './io.ts';
import { withNames } from './names.ts';
import { fitted } from './plain.ts';

type Shown = AnswerOf<(typeof operations)['readInbox']>;
type Item = Shown['items'][number];

export const inbox: Command = {
  usage:
    'holdpoint inbox\n\nWhat waits for you, most urgent first: approvals, rollback decisions and steps, open incidents, checks of open\ngates that you supply, bad observations without a label, follow-ups, proposed profiles, standing evidence to confirm, and\nchanges to explain. Each with the command that does it. It needs the token of a person.',
  examples: ['holdpoint inbox', 'holdpoint inbox --json'],
  binds: 'the person behind the token',
  defaults: 'everything that waits for the person',
  prints: operations.readInbox.answer.schema,
  run: async (argv, io) => {
    const { values } = read(argv, {}, []);
    const client = await connect(io, values, 'technical-lead');
    return conclude(io, values.json, await client.readInbox({}), (shown) => ({ text: textOf(shown, client.address, io.columns) }));
  },
};

const textOf = (shown: Shown, address: string, columns: number | undefined): string =>
  [
    ...(shown.items.length === 0
      ? ['Nothing waits for you.']
      : groupsOf(shown.items).flatMap((group) => linesOf(group, shown, address, columns))),
    ...(shown.itemsLeftOut === 0 ? [] : [`Not shown here: ${counted(shown.itemsLeftOut, 'more item')}.`]),
    ...(shown.unreadable === 0
      ? []
      : [`${counted(shown.unreadable, 'run or service', 'runs or services')} could not be read: the audit trail is damaged.`]),
    ...(shown.runsLeftOut === 0
      ? []
      : [`${counted(shown.runsLeftOut, 'more run was', 'more runs were')} not looked at: ${shown.runsRead} are read at most.`]),
  ].join('\n');

const linesOf = (group: readonly [Item, ...Item[]], shown: Shown, address: string, columns: number | undefined): string[] => {
  const [first, ...others] = group;
  const { title, service, version, environment, run, role, since, until } = first;
  const place = `${[service, version].filter((one) => one !== null).join(' ')}${environment === null ? '' : ` → ${environment}`}`;
  const as = role === null ? '' : `, as ${asWords(role)}${first.for === null ? '' : ` for ${first.for}`}`;
  const what =
    others.length === 0
      ? [...saidOf(first), first.command, `${address}${first.page}`]
      : [
          ...group.flatMap((one) => saidOf(one).map((detail) => `${one.title}: ${detail}`)),
          ...commandLines(group.map(({ command, check }) => ({ command, of: check ?? '' }))),
          `${address}/runs/${run}`,
        ];
  const lines = [
    others.length === 0 ? title : `${counted(group.length, 'check')} of ${first.gateTitle ?? first.gate} wait for you`,
    `  ${place}${run === null ? '' : `, run ${run}`}${as}`,
    `  since ${formatInstant(since)}${until === null ? '' : `, until ${formatInstant(until)}`}`,
    ...what.map((line) => `  ${line}`),
  ];
  return [...lines.map((line) => fitted(withNames(line, shown), columns, 4)), ''];
};

const saidOf = (item: Item): string[] => [detailOf(item) ?? []].flat();
