import { isPlaceholder } from '../package-identity.ts';

/** Whether a checksum is there: tools write `-` or `n/a` where they have none. */
export const isSummed = (checksum: string | undefined): boolean => checksum !== undefined && !isPlaceholder(checksum);
