import { baseChecklist } from '../checklist/checklist.ts';

/** Whose token a local stage uses without `--as`: only the owner of a check may attest or waive it. */
export const ownerOf = (check: string): string => baseChecklist.items.find(({ id }) => id === check)?.owner ?? 'technical-lead';
