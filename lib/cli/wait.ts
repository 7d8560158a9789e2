import type { Answer } from '../api/client.ts';
import { operations } from '../api/contract.ts';
import { Unreachable } from '../api/unreachable.ts';
import { baseChecklist } from '../checklist/checklist.ts';
import { hasPassed, isOver } from '../query/gate-state.ts';
import type { GateView } from '../query/view.ts';
import { read } from './arguments.ts';
import { conclude } from './conclude.ts';
import { connect } from './connect.ts';
import { gateHeadline, type ShownRun } from './headline.ts';
import { type Command, type ExitCode, type Io, Usage } from './io.ts';
import { writeJobSummary } from './job-summary.ts';
import { withNames } from './names.ts';
import { runText } from './show-run.ts';

/** Exit code: the time is up, and nothing is decided. */
const timeIsUp = 4;
const pauseMs = 2_000;
/** How long `wait` keeps trying when the server stops answering: one lost connection must not end an hour's wait. */
const silenceMs = 60_000;

type Reading = { readonly answer: Answer<ShownRun>; readonly gate: GateView | undefined; readonly timedOut: boolean };

export const wait: Command = {
  usage: `holdpoint wait RUN --gate GATE [--timeout SECONDS]\n\nGATE is one of ${baseChecklist.gates.map(({ id }) => id).join(', ')}.\nWithout --timeout it waits an hour (3600). Exit codes: 0 passed, 1 the gate or the run ended otherwise, 4 the time is up.\nA pipeline need not wait: Holdpoint can call it when the gate passes (a protection rule of GitHub, a callback to GitHub or GitLab; see the README).`,
  binds: 'one gate of the run RUN; nothing is changed',
  defaults: '--timeout 3600',
  examples: ['holdpoint wait RUN --gate go-no-go', 'holdpoint wait RUN --gate go-no-go --timeout 86400'],
  prints: operations.readRun.answer.schema,
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
    // The text below begins with it; a document on stdout does not say it.
    if (values.json && answer.ok !== undefined && timedOut && gate !== undefined)
      io.err(`Time is up after ${seconds} s. ${progressOf(gate, answer.ok)}\n`);
    if (answer.ok !== undefined) await writeJobSummary(io, answer.ok, client.pageOf(run));
    const code: ExitCode = gate !== undefined && hasPassed(gate) ? 0 : timedOut ? timeIsUp : 1;
    return conclude(io, values.json, answer, (view) => ({
      text: runText(view, `${timedOut ? `Time is up after ${seconds} s. ` : ''}${gate === undefined ? '' : gateHeadline(view, gate)}`, {
        coloured: io.coloured,
        columns: io.columns,
        all: false,
        page: client.pageOf(run),
        only: values.gate ?? '',
      }),
      code,
    }));
  },
};

/** Reads the run until the gate or the run is over, the server refuses, or the time is up. Prints each new reason once. */
const waited = async (io: Io, id: string, seconds: number, readRun: () => Promise<Answer<ShownRun>>): Promise<Reading> => {
  const end = io.now().getTime() + seconds * 1000;
  let last: { readonly reading: Reading; readonly at: number } | undefined;
  for (let printed = ''; ; await io.sleep(pauseMs)) {
    const answer = await readRun().catch((fault: unknown) => {
      if (!(fault instanceof Unreachable) || last === undefined || io.now().getTime() - last.at > silenceMs) throw fault;
      return undefined;
    });
    const at = io.now().getTime();
    // The time is also up while the server does not answer: what it answered last is shown.
    if (answer === undefined && last !== undefined && at >= end) return { ...last.reading, timedOut: true };
    if (answer === undefined) continue;
    if (answer.ok === undefined) return { answer, gate: undefined, timedOut: false };
    const gate = answer.ok.gates.find((one) => one.id === id);
    if (gate === undefined)
      throw new Usage(`the run has no gate ${id}: expected one of ${answer.ok.gates.map((one) => one.id).join(', ')}`);
    const isDecided = isOver(gate) || !['running', 'blocked'].includes(answer.ok.outcome);
    const reading = { answer, gate, timedOut: !isDecided && at >= end };
    if (isDecided || reading.timedOut) return reading;
    last = { reading, at };
    const progress = progressOf(gate, answer.ok);
    if (progress !== printed) io.err(`${progress}\n`);
    printed = progress;
  }
};

/** "Blocked at Go / no-go: the operations lead has not answered" */
const progressOf = ({ state, title, reasons: [reason] }: GateView, run: ShownRun): string => {
  const where = state === 'ahead' ? `Not yet at ${title}` : `${state === 'blocked' ? 'Blocked' : 'Waiting'} at ${title}`;
  return withNames(reason === undefined ? where : `${where}: ${reason}`, run);
};
