import { recordKinds } from './records/index.ts';

/**
 * What rules ask of the kinds of records. In a function it stands written (`writtenRecords`, lib/stack/bundle.ts), so that judging facts needs no
 * schema of a record.
 */
export const recordLimits = recordKinds.map(({ id, description, limits }) => ({ id, description, limits }));
