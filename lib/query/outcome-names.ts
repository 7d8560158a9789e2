import { answers } from '../audit/events/approval.ts';
import { settledOutcomes } from '../audit/events/gate.ts';
import { ends } from '../audit/events/run.ts';
import { verdicts } from '../verdict.ts';

/** What the filter `outcome` knows: a verdict, an answer, or the outcome of a gate or run. */
export const outcomeNames = [...new Set([...verdicts, ...answers, ...settledOutcomes, ...ends])] as const;
