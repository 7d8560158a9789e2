import * as z from 'zod';
import { operations } from '../api/contract.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { approvalLines, type ShownRun } from './headline.ts';
import type { Command } from './io.ts';
import { wordsText } from './show-words.ts';

const run = operations.readRun.answer.schema.shape;
const printed = z.object({
  run: z.string(),
  approvals: z.array(z.object({ gate: z.string(), ...run.gates.element.shape.approvals.element.shape })),
  people: run.people,
});

export const approvals: Command = {
  usage:
    'holdpoint approvals RUN\n\nWho is asked to approve, who has answered what and when, and until when the others can. Approvals are answered on the page to which the\nlink in the mail leads, and nowhere else.',
  examples: ['holdpoint approvals RUN', 'holdpoint approvals RUN --json'],
  binds: 'one run',
  defaults: 'every gate at which people are asked',
  prints: printed,
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, {}, ['run']);
    const client = await connect(io, values, 'auditor');
    const answer = await client.readRun({ params: { run } });
    if (answer.problem !== undefined) return conclude(io, values.json, answer, () => ({ text: '' }));
    if (values.json !== true) return conclude(io, false, answer, (view) => ({ text: textOf(view) }));
    const { gates, people } = answer.ok;
    const asked = gates.flatMap(({ id: gate, approvals: given }) => given.map((one) => ({ gate, ...one })));
    return conclude(io, true, { ok: { run, approvals: asked, people } }, () => ({ text: '' }));
  },
};

const textOf = (view: ShownRun): string => {
  const asked = view.gates.filter((gate) => gate.approvals.length > 0);
  if (asked.length === 0) return `Nobody has been asked to approve ${view.service} ${view.version} yet.`;
  const notes = wordsText({ words: (view.words ?? []).filter(({ kind }) => kind === 'approval-note' || kind === 'approval-recall') });
  return [...asked.flatMap((gate) => [gate.title, ...approvalLines(gate, view).map((line) => `  ${line}`)]), ...notes].join('\n');
};
