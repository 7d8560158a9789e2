import { type Answer, Unreachable } from '../api/client.ts';
import { baseChecklist } from '../checklist/checklist.ts';
import { hasPassed, isOver } from '../query/gate-state.ts';
import type { GateView, RunView } from '../query/view.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { type Command, type Io, Usage } from './io.ts';
import { writeJobSummary } from './job-summary.ts';
import { plain } from './plain.ts';
import { runText } from './show-run.ts';

const pauseMs = 2_000;
/** How long `wait` keeps trying when the server stops answering: one lost connection must not end an hour's wait. */
const silenceMs = 60_000;

type Reading = { readonly answer: Answer<RunView>; readonly gate: GateView | undefined; readonly timedOut: boolean };

export const wait: Command = {
  name: 'wait',
  summary: 'wait for a gate; exit 0 only when it passed',
  usage: `holdpoint wait RUN --gate GATE [--timeout SECONDS]\n\nGATE is one of ${baseChecklist.gates.map(({ id }) => id).join(', ')}.\nWithout --timeout it waits an hour.`,
  examples: ['npx holdpoint wait RUN --gate go-no-go', 'npx holdpoint wait RUN --gate go-no-go --timeout 86400'],
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { gate: { type: 'string' }, timeout: { type: 'string' } }, ['run']);
    if (values.gate === undefined) throw new Usage('--gate is missing: name the gate to wait for, such as go-no-go');
    const seconds = Number(values.timeout ?? 3600);
    if (!(seconds > 0)) throw new Usage(`--timeout ${values.timeout}: expected seconds, more than 0`);
    const client = await connect(io, values, 'auditor');
    const { answer, gate, timedOut } = await waited(io, values.gate, seconds, () => client.readRun({ params: { run } }));
    if (timedOut && gate !== undefined && !isOver(gate)) io.err(`Time is up after ${seconds} s. ${progressOf(gate)}\n`);
    if (answer.ok !== undefined) await writeJobSummary(io, answer.ok);
    return conclude(io, values.json, answer, (view) => ({
      text: runText(view, { coloured: io.coloured, columns: io.columns, all: false }),
      code: gate !== undefined && hasPassed(gate) ? 0 : 1,
    }));
  },
};

/** Reads the run until the gate or the run is over, the server refuses, or the time is up. Prints each new reason once. */
const waited = async (io: Io, id: string, seconds: number, readRun: () => Promise<Answer<RunView>>): Promise<Reading> => {
  const began = io.now().getTime();
  for (let printed = '', answeredAt: number | undefined; ; await io.sleep(pauseMs)) {
    const answer = await readRun().catch((fault: unknown) => {
      if (!(fault instanceof Unreachable) || answeredAt === undefined || io.now().getTime() - answeredAt > silenceMs) throw fault;
      return undefined;
    });
    if (answer === undefined) continue;
    answeredAt = io.now().getTime();
    const timedOut = answeredAt - began >= seconds * 1000;
    if (answer.ok === undefined) return { answer, gate: undefined, timedOut };
    const gate = answer.ok.gates.find((one) => one.id === id);
    if (gate === undefined)
      throw new Usage(`the run has no gate ${id}: expected one of ${answer.ok.gates.map((one) => one.id).join(', ')}`);
    if (isOver(gate) || !['running', 'blocked'].includes(answer.ok.outcome) || timedOut) return { answer, gate, timedOut };
    const progress = progressOf(gate);
    if (progress !== printed) io.err(`${progress}\n`);
    printed = progress;
  }
};

/** "Blocked at Go / no-go: the operations lead has not answered". */
const progressOf = ({ state, title, reasons: [reason] }: GateView): string => {
  const where = state === 'ahead' ? `Not yet at ${title}` : `${state === 'blocked' ? 'Blocked' : 'Waiting'} at ${title}`;
  return plain(reason === undefined ? where : `${where}: ${reason}`);
};
