import * as z from 'zod';
import { judgedSchema } from '../../fields.ts';
import { type Outcome, ok, type Refusal, type RefusalType, refusalTitles, refuse } from '../../outcome.ts';
import type { CiCaller } from '../state/caller.ts';
import { uploadSchema } from './inputs.ts';
import type { EvidenceRecorded } from './record-evidence.ts';

/** An upload between its request and its outcome, as it is stored. */

/** What is kept of a request: the report's parameters, and who sends it. */
const requestSchema = z.strictObject({
  announced: uploadSchema,
  caller: z.strictObject({
    kind: z.literal('ci'),
    id: z.string(),
    services: z.array(z.string()),
    environments: z.array(z.string()).exactOptional(),
    person: z.string().nullable(),
    unnamed: z.enum(['rerun', 'nobody']).exactOptional(),
    token: z.string(),
  }),
  /** Until when the address is good. */
  expires: z.string(),
});
export type UploadRequest = z.infer<typeof requestSchema>;

const refusalSchema = z.strictObject({
  type: z.enum(Object.keys(refusalTitles) as [RefusalType, ...RefusalType[]]),
  detail: z.string(),
  got: z.string().exactOptional(),
  expected: z.string().exactOptional(),
  fix: z.string().exactOptional(),
});
const outcomeSchema = z.union([
  z.strictObject({
    recorded: z.strictObject({
      event: z.string(),
      digest: z.string(),
      judged: z.array(judgedSchema.strict()),
      notCounted: z.array(z.strictObject({ check: z.string(), why: z.string() })),
      unused: z.string().nullable(),
      alreadyRecorded: z.boolean(),
    }),
  }),
  z.strictObject({ refused: refusalSchema }),
]);
type UploadOutcome = z.infer<typeof outcomeSchema>;

export const textOfRequest = (request: UploadRequest): string => JSON.stringify(request);
export const requestIn = (text: string): UploadRequest => requestSchema.parse(JSON.parse(text));
export const textOfOutcome = (outcome: Outcome<EvidenceRecorded>): string =>
  JSON.stringify(outcome.refused === undefined ? { recorded: outcome.ok } : { refused: outcome.refused });
const outcomeIn = (text: string): UploadOutcome => outcomeSchema.parse(JSON.parse(text));

export type UploadState =
  | { readonly state: 'waiting'; readonly expires: string }
  | { readonly state: 'recorded'; readonly recorded: EvidenceRecorded }
  | { readonly state: 'refused'; readonly refused: Refusal };

/** Where an upload stands, for the CI identity that asked for it. */
export const uploadState = (
  found: { readonly request: string; readonly outcome: string | undefined } | undefined,
  upload: string,
  caller: CiCaller,
): Outcome<UploadState> => {
  const request = found && requestIn(found.request);
  if (found === undefined || request?.caller.id !== caller.id)
    return refuse('upload-unknown', 'This CI identity has no such upload on the run.', {
      got: upload,
      expected: 'an upload that this identity asked for in the last 35 days, or in the last two where no bytes came',
      fix: 'Ask for the upload anew. What was recorded stands in the trail of the run.',
    });
  if (found.outcome === undefined) return ok({ state: 'waiting', expires: request.expires });
  const outcome = outcomeIn(found.outcome);
  return ok('recorded' in outcome ? { state: 'recorded', ...outcome } : { state: 'refused', ...outcome });
};
