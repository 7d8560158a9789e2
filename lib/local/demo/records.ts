import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordId } from '../../evidence/records/index.ts';
import type { Report } from './reports.ts';
import type { Workspace } from './workspace.ts';

/** What every record says, beside the members of its kind. `content`: those members, as `holdpoint schema` prints them. */
export type RecordText = {
  readonly record: RecordId;
  readonly about?: string;
  readonly environment?: 'staging' | 'production';
  /** What looked, and what an auditor can ask again. */
  readonly tool: string;
  /** When it was measured. Default: now. */
  readonly at?: Date;
  readonly content: Readonly<Record<string, unknown>>;
};

/** Writes a record into the folder of the demo, as one of the reports that CI sends. Its source is its name. */
export const writeRecord = (workspace: Workspace, { record, about, environment, tool, at = new Date(), content }: RecordText): Report => {
  const source = [record, about, environment].filter((part) => part !== undefined).join('-');
  const madeAt = at.toISOString();
  const file = join(workspace.folder, `${source}.record.json`);
  writeFileSync(file, JSON.stringify({ schema: `holdpoint.${record}/1`, at: madeAt, about, environment, tool, ...content }));
  return { type: 'record', source, file, madeAt, contentType: 'application/json' };
};

type Found<T> = { readonly limitMs: number; readonly pauseMs?: number; readonly look: () => Promise<T | undefined> };

/** Looks until something is found. Undefined: it did not come within the limit, which the record then says. */
export const awaited = async <T>({ signal }: Workspace, { limitMs, pauseMs = 250, look }: Found<T>): Promise<T | undefined> => {
  for (const began = Date.now(); ; ) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined || Date.now() - began > limitMs) return found;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
};
