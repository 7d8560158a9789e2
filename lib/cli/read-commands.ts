import { Unreachable } from '../api/client.ts';
import { baseChecklist } from '../checklist/checklist.ts';
import { listing } from '../checklist/listing.ts';
import type { RunView } from '../query/view.ts';
import { conclude, connect, read } from './connect.ts';
import { type Command, type ExitCode, type Io, Usage } from './io.ts';
import { fitted, plain } from './plain.ts';
import { runMarkdown, runText } from './show-run.ts';

/** What only reads: status, wait, checklist. */
const codeOf = (run: RunView): ExitCode => (run.outcome === 'running' || run.outcome === 'production-stable' ? 0 : 1);

const summarise = async (io: Io, run: RunView): Promise<void> => {
  const file = io.env.GITHUB_STEP_SUMMARY;
  if (file === undefined || file === '') return;
  // The summary is a courtesy: a job is not failed by it.
  await io.appendFile(file, `${runMarkdown(run)}\n`).catch((fault: unknown) => {
    io.err(`no job summary: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  });
};

export const status: Command = {
  name: 'status',
  summary: 'show a run, gate by gate and line by line',
  usage: 'holdpoint status <run> [--all]',
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { all: { type: 'boolean' } }, ['run']);
    const client = await connect(io, values, 'auditor');
    const answer = await client.readRun({ params: { run } });
    if (answer.ok !== undefined) await summarise(io, answer.ok);
    return conclude(io, values.json, answer, (view) => ({
      text: runText(view, { coloured: io.coloured, columns: io.columns, all: values.all ?? false }),
      code: codeOf(view),
    }));
  },
};

const pauseMs = 2_000;
/** Milliseconds for which a wait puts up with no answer at all: an hour's wait is not given up for one lost connection. */
const silenceMs = 60_000;

export const wait: Command = {
  name: 'wait',
  summary: 'wait until a gate has settled; exit 0 only when it is released',
  usage: 'holdpoint wait <run> --gate GATE [--timeout SECONDS]',
  run: async (argv, io) => {
    const {
      values,
      positionals: [run = ''],
    } = read(argv, { gate: { type: 'string' }, timeout: { type: 'string' } }, ['run']);
    if (values.gate === undefined) throw new Usage('--gate is missing: name the gate to wait for, such as pre-deployment');
    const seconds = Number(values.timeout ?? 3600);
    if (!(seconds > 0)) throw new Usage(`--timeout ${values.timeout}: expected seconds`);
    const client = await connect(io, values, 'auditor');
    const began = io.now().getTime();
    for (let said = '', heardAt: number | undefined; ; await io.sleep(pauseMs)) {
      const answer = await client.readRun({ params: { run } }).catch((fault: unknown) => {
        if (!(fault instanceof Unreachable) || heardAt === undefined || io.now().getTime() - heardAt > silenceMs) throw fault;
        return undefined;
      });
      if (answer === undefined) continue;
      heardAt = io.now().getTime();
      const gate = answer.ok?.gates.find((one) => one.id === values.gate);
      if (answer.ok !== undefined && gate === undefined)
        throw new Usage(`the run has no gate ${values.gate}; it has ${answer.ok.gates.map((one) => one.id).join(', ')}`);
      const late = heardAt - began >= seconds * 1000;
      if (answer.ok === undefined || gate?.settledAt !== null || !['running', 'blocked'].includes(answer.ok.outcome) || late) {
        if (late && (gate?.settledAt ?? null) === null) io.err(`${gate?.title ?? values.gate} has not settled within ${seconds} s\n`);
        if (answer.ok !== undefined) await summarise(io, answer.ok);
        return conclude(io, values.json, answer, (view) => ({
          text: runText(view, { coloured: io.coloured, columns: io.columns, all: false }),
          code: gate?.state === 'passed' ? 0 : 1,
        }));
      }
      const says = plain(`${gate?.title}: ${gate?.state}${gate?.reasons[0] === undefined ? '' : `, ${gate.reasons[0]}`}`);
      if (says !== said) io.err(`${says}\n`);
      said = says;
    }
  },
};

export const checklist: Command = {
  name: 'checklist',
  summary: 'list the checklist: lines, words, owners, proofs',
  usage: 'holdpoint checklist [--json]',
  run: async (argv, io) => {
    const { values } = read(argv, {}, []);
    const list = listing(baseChecklist);
    if (values.json) io.out(`${JSON.stringify(list, null, 2)}\n`);
    else {
      io.out(`${baseChecklist.name} ${list.version} (${list.digest.slice(0, 12)}), ${list.items.length} lines\n`);
      for (const [place, line] of list.items.entries()) {
        if (line.gate !== list.items[place - 1]?.gate)
          io.out(`\n${baseChecklist.gates.find((gate) => gate.id === line.gate)?.title ?? 'Beside the gates'}\n`);
        const proof = line.evidence.length === 0 ? '' : `; ${line.evidence.join(', ')}`;
        io.out(`${fitted(`  ${line.id.padEnd(34)} ${line.title}  (${line.owner}${proof})`, io.columns, 37)}\n`);
      }
    }
    return 0;
  },
};
