import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyTrees } from '../../evidence/empty-trees.ts';
import { writeRecord } from './records.ts';
import type { Report } from './reports.ts';
import type { DemoStage } from './stage.ts';
import type { Workspace } from './workspace.ts';

/** Records about the work on the service: its pipeline, its reviews, who is on duty, its issues. */

/** `code`: the exit code of the job's process; null when it was ended by a signal or its limit. */
export type Job = { readonly name: string; readonly code: number | null };

const conclusionOf = (code: number | null): string => {
  if (code === 0) return 'success';
  return code === null ? 'cancelled' : 'failure';
};

/** The jobs that the demo ran itself, as the pipeline of the service would. */
export const pipelineRecord = (workspace: Workspace, jobs: readonly Job[]): Report =>
  writeRecord(workspace, {
    record: 'pipeline',
    about: 'release',
    tool: 'exit codes of the scripts that the demo ran',
    content: {
      pipeline: 'release of the shop, run by the demo',
      jobs: jobs.map(({ name, code }) => ({ name, required: true, conclusion: conclusionOf(code) })),
    },
  });

const [emptyTree] = emptyTrees;
const notes = 'refs/notes/reviews';

const git = (folder: string, args: readonly string[], name = 'shop'): string =>
  execFileSync('git', ['-c', 'commit.gpgsign=false', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH ?? '',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: `${name}@example.com`,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: `${name}@example.com`,
    },
  }).trim();

/**
 * A person of the local roster reviews a commit: a git note says so. The commit itself does not change. Nobody is behind it, and the record
 * says that.
 */
export const noteReview = (folder: string, commit: string, by: string): void => {
  git(folder, ['notes', `--ref=${notes}`, 'append', '--message', `Reviewed-by: ${by} at ${new Date().toISOString()}`, commit], by);
};

const reviewLine = /^Reviewed-by: (\S+) at (\S+)$/;

/** The reviews that a note has: one line each. Other lines say nothing. */
export const reviewsIn = (note: string, commit: string) =>
  note.split('\n').flatMap((line) => {
    const [, by, at] = reviewLine.exec(line.trim()) ?? [];
    if (by === undefined || at === undefined || Number.isNaN(Date.parse(at))) return [];
    return [{ by, at, commit, state: 'approved' as const }];
  });

const noteOf = (folder: string, commit: string): string => {
  try {
    return git(folder, ['notes', `--ref=${notes}`, 'show', commit]);
  } catch {
    // git ends with an error when there is no note.
    return '';
  }
};

type Range = {
  readonly folder: string;
  /** The commit of the live version; null when it was built from no commit of this repository. */
  readonly base: string | null;
  readonly head: string;
};

/** The paths that differ between both commits. */
export const changedFiles = ({ folder, base, head }: Range): readonly string[] =>
  git(folder, ['diff', '--name-only', base ?? emptyTree, head])
    .split('\n')
    .filter(Boolean);

/** Every commit after `base`, with the notes of its reviews. */
export const reviewsRecord = (workspace: Workspace, { folder, base, head }: Range): Report => {
  const range = base === null ? [head] : [`${base}..${head}`];
  const listed = git(folder, ['log', '--reverse', '--format=%H %an %cn', ...range]);
  const commits = listed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [commit = '', author = '', committer = ''] = line.split(' ');
      return { commit, author, committers: [committer], reviews: reviewsIn(noteOf(folder, commit), commit) };
    });
  return writeRecord(workspace, {
    record: 'reviews',
    tool: 'git log, git notes; a simulation: the people of the roster are invented',
    content: { base: base ?? emptyTree, head, commits },
  });
};

const hourMs = 3_600_000;

/** Who of the local roster holds these roles from now on. It has one person for each role, who is on duty all the time. */
export const scheduleRecord = (
  { workspace, people }: Pick<DemoStage, 'workspace' | 'people'>,
  { roles, hours, about }: { readonly roles: readonly string[]; readonly hours: number; readonly about?: string },
): Report => {
  const at = new Date();
  const window = { from: at.toISOString(), until: new Date(at.getTime() + hours * hourMs).toISOString() };
  const shifts = roles.flatMap((role) =>
    people.filter((one) => one.roles.includes(role)).map(({ id }) => ({ role, person: id, from: window.from, until: window.until })),
  );
  return writeRecord(workspace, {
    record: 'schedule',
    ...(about === undefined ? {} : { about }),
    at,
    tool: 'roster of the local stage; its people are invented',
    content: { window, roles, shifts },
  });
};

export type Issue = { readonly id: string; readonly severity: string; readonly state: 'open' | 'closed' | 'unknown' };

/** Severity and state in the front matter of an issue. What it does not say is unknown, and counts as the worst. */
export const issueOf = (id: string, text: string): Issue => {
  const [, front = ''] = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text) ?? [];
  const member = (name: string): string | undefined => new RegExp(`^${name}:[ \\t]*(\\S+)[ \\t]*$`, 'm').exec(front)?.[1];
  const state = member('state');
  return { id, severity: member('severity') ?? 'unknown', state: state === 'open' || state === 'closed' ? state : 'unknown' };
};

const harmless = ['major', 'minor'];

/** The issues of the service's folder `issues`, of which every critical one, and every one of unknown severity, is listed. */
export const issuesRecord = (workspace: Workspace, { folder }: { readonly folder: string }): Report => {
  const files = readdirSync(join(folder, 'issues')).filter((name) => name.endsWith('.md') && name !== 'README.md');
  const all = files.toSorted().map((name) => issueOf(name, readFileSync(join(folder, 'issues', name), 'utf8')));
  return writeRecord(workspace, {
    record: 'issues',
    about: 'critical',
    tool: 'front matter of the files in issues/',
    content: {
      query: `severity is not ${harmless.join(' or ')}`,
      searched: all.length,
      found: all.filter(({ severity }) => !harmless.includes(severity)),
    },
  });
};
