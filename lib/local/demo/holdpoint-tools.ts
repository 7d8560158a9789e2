import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { changes } from '../../cli/changes.ts';
import { document } from '../../cli/document.ts';
import type { Command, Io } from '../../cli/io.ts';
import { scan } from '../../cli/scan.ts';
import { emptyTrees } from '../../evidence/empty-trees.ts';
import type { Report } from './reports.ts';
import type { ShopSource } from './shop-source.ts';

/**
 * `holdpoint scan`, `holdpoint changes` and `holdpoint document` as the CI of the service runs them, in its folder. They run in this process, because a new one
 * costs half a second each time.
 */

/** The guides and plans of the service that the checklist asks for, under the names of its checks. */
const documents: Readonly<Record<string, string>> = {
  'user-guide': 'docs/user-guide.md',
  'administrator-guide': 'docs/administrator-guide.md',
  'troubleshooting-guide': 'docs/troubleshooting.md',
  architecture: 'docs/architecture.md',
  'deployment-guide': 'docs/deployment-guide.md',
  'data-validation-plan': 'docs/data-validation-plan.md',
  'data-recovery-plan': 'docs/data-recovery-plan.md',
  'incident-response-plan': 'docs/incident-response-plan.md',
  'escalation-procedures': 'docs/escalation-procedures.md',
  'communication-plan': 'docs/communication-plan.md',
};

type Ran = { readonly code: number; readonly madeAt: string };

const runIn = async (io: Io, { folder }: ShopSource, command: Command, argv: readonly string[]): Promise<Ran> => {
  mkdirSync(join(folder, 'reports'), { recursive: true });
  const said: string[] = [];
  const say = (text: string): void => {
    said.push(text);
  };
  const at = (path: string): string => join(folder, path);
  const code = await command.run(argv, {
    ...io,
    out: say,
    err: say,
    readFile: (path) => io.readFile(at(path)),
    writeFile: (path, text) => io.writeFile(at(path), text),
    entryOf: (path, follow) => io.entryOf(at(path), follow),
    // git is the only program that they run.
    output: (program, args) => io.output(program, ['-C', folder, ...args]),
  });
  if (code !== 0 && code !== 1) throw new Error(`holdpoint with ${argv.join(' ')} ended with code ${code}: ${said.join('').slice(-400)}`);
  return { code, madeAt: io.now().toISOString() };
};

/** Looks for mocks, stubs and comments about work to be done. */
export const scanSource = async (io: Io, source: ShopSource): Promise<Report> => {
  const output = 'reports/scan.sarif';
  const { code, madeAt } = await runIn(io, source, scan, ['--output', output]);
  return {
    type: 'sarif',
    source: 'holdpoint-scan',
    file: join(source.folder, output),
    madeAt,
    contentType: 'application/sarif+json',
    job: { name: 'holdpoint scan', code },
  };
};

/** Lists the files that the release changes. */
export const listChanges = async (io: Io, source: ShopSource): Promise<Report> => {
  const output = 'reports/changes.record.json';
  const { code, madeAt } = await runIn(io, source, changes, [
    '--base',
    source.base ?? emptyTrees[0],
    '--head',
    source.commit,
    '--output',
    output,
  ]);
  return {
    type: 'record',
    source: 'changes',
    file: join(source.folder, output),
    madeAt,
    contentType: 'application/json',
    job: { name: 'holdpoint changes', code },
  };
};

/** What a record says about a document. */
const documentSchema = z.looseObject({
  words: z.number(),
  headings: z.array(z.string()),
  links: z.number(),
  brokenLinks: z.array(z.unknown()),
});
export type DocumentFigures = Readonly<z.infer<typeof documentSchema>>;

export type DocumentReport = Report & { readonly figures: DocumentFigures };

/** Reads every document of the service. By name. */
export const readDocuments = async (io: Io, source: ShopSource): Promise<ReadonlyMap<string, DocumentReport>> => {
  const read = Object.entries(documents).map(async ([name, path]): Promise<readonly [string, DocumentReport]> => {
    const output = `reports/${name}.record.json`;
    const { code, madeAt } = await runIn(io, source, document, [path, '--as', name, '--output', output]);
    const file = join(source.folder, output);
    const figures = documentSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const job = { name: `holdpoint document ${path}`, code };
    return [name, { type: 'record', source: name, file, madeAt, contentType: 'application/json', job, figures }];
  });
  return new Map(await Promise.all(read));
};
