import * as z from 'zod';
import { counted } from '../../wording.ts';
import { isSummed } from './checksums.ts';
import { amount, at, count, list, recordKind, secondsBetween, text, total } from './kind.ts';

const restored = z.strictObject({
  name: text,
  rowsInBackup: count,
  rowsRestored: count,
  /** Of the content, by the same method on both sides. */
  checksumInBackup: text.optional(),
  checksumRestored: text.optional(),
});

export const backup = recordKind({
  id: 'backup',
  description: 'A recovery point, and what was restored from it',
  schema: z.strictObject({
    of: text,
    recoveryPoint: text,
    bytes: amount,
    /** For how long recovery points of this kind are kept. */
    retentionDays: amount.optional(),
    /** A test in which the recovery point was restored beside the original. */
    restore: z.strictObject({ startedAt: at, finishedAt: at, parts: list(restored) }).optional(),
  }),
  limits: {
    minRetentionDays: { of: 'retentionDays', name: 'time that it is kept', is: 'least', unit: 'days', bound: { least: 1 } },
    minRestored: { of: 'restored', name: 'things that were restored', is: 'least', bound: {} },
    maxRestoreSeconds: { of: 'restoreSeconds', name: 'time of the restore', is: 'most', unit: 's', bound: {} },
  },
  laterTimes: 'measured',
  content: ({ bytes, retentionDays, restore }, made) => {
    const parts = restore?.parts ?? [];
    const isEarly = (at: string): boolean => Date.parse(at) < made;
    const early =
      restore === undefined ? undefined : isEarly(restore.finishedAt) ? 'ended' : isEarly(restore.startedAt) ? 'began' : undefined;
    const isBackwards = restore !== undefined && secondsBetween(restore.startedAt, restore.finishedAt) < 0;
    return {
      items: bytes > 0 ? 1 : 0,
      figures: {
        retentionDays: retentionDays ?? null,
        restored: parts.length,
        rowsRestored: total(parts.map(({ rowsRestored }) => rowsRestored)),
        restoreSeconds: restore === undefined ? null : secondsBetween(restore.startedAt, restore.finishedAt),
      },
      doubts: doubtsOf(parts),
      once: parts.map(({ name }) => name),
      faults: [
        ...(early === undefined ? [] : [`the restore ${early} before the recovery point was made`]),
        ...(isBackwards ? ['the restore ended before it started'] : []),
        ...parts.flatMap((part) => differencesOf(part)),
      ],
    };
  },
});

type Restored = z.output<typeof restored>;

const doubtsOf = (parts: readonly Restored[]): Readonly<Record<string, string>> => {
  const filled = parts.filter(({ rowsInBackup, rowsRestored }) => rowsInBackup > 0 || rowsRestored > 0);
  if (parts.length > 0 && filled.length === 0) return { restored: 'the restore brought back no rows, so it proves nothing' };
  const unsummed = filled.find(({ checksumInBackup, checksumRestored }) => !isSummed(checksumInBackup) && !isSummed(checksumRestored));
  return unsummed === undefined ? {} : { restored: `${unsummed.name} has no checksum, so only its number of rows was compared` };
};

const differencesOf = ({ name, rowsInBackup, rowsRestored, checksumInBackup, checksumRestored }: Restored): string[] => {
  if (rowsInBackup !== rowsRestored) return [`${name}: ${rowsRestored} of ${counted(rowsInBackup, 'row')} restored`];
  return checksumInBackup === checksumRestored ? [] : [`${name}: the checksum after the restore is another one`];
};
