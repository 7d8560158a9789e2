import * as z from 'zod';
import { list, recordKind } from './kind.ts';

const commit = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
/** As git knows it, relative to the folder of the repository. */
const path = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^(?!\/)[^\p{Cc}]+$/u, 'a path below the folder of the repository, without control characters');

export const changes = recordKind({
  id: 'changes',
  description: 'The files that differ between the live version and the release',
  schema: z.strictObject({
    /** The commit of the live version, and that of the release. */
    base: commit,
    head: commit,
    /** A file that was renamed is one that was deleted and one that was added. */
    files: list(z.strictObject({ path, change: z.enum(['added', 'modified', 'deleted']) })),
  }),
  limits: {},
  content: ({ base, head, files }) => {
    const counted = (change: (typeof files)[number]['change']): number => files.filter((one) => one.change === change).length;
    return {
      base,
      commit: head,
      items: files.length,
      figures: { added: counted('added'), modified: counted('modified'), deleted: counted('deleted') },
      changed: files.filter((one) => one.change !== 'deleted').map((one) => one.path),
      once: files.map((one) => one.path),
      faults: [],
    };
  },
});
