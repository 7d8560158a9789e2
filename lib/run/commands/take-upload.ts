import { sha256 } from '../../canonical-json.ts';
import { type Outcome, ok, refuse } from '../../outcome.ts';
import type { IntakeObjects, Uploads } from '../../uploads.ts';
import { counted } from '../../wording.ts';
import type { CiCaller } from '../state/caller.ts';
import { type EvidenceDependencies, type EvidenceRecorded, recordEvidence } from './record-evidence.ts';
import { keyOfUpload } from './request-upload.ts';
import { requestIn, textOfOutcome, type UploadState, uploadState } from './upload.ts';

export type TakeDependencies = EvidenceDependencies & { readonly uploads: Uploads; readonly objects: IntakeObjects };
type Named = { readonly run: string; readonly upload: string };
/** What became of it: `unknown` where nobody asked for it, `gone` where another call has taken it, `again` where it had its outcome before. */
export type Taken = { readonly upload: string; readonly became: 'recorded' | 'refused' | 'unknown' | 'gone' | 'again' };

/** How long the outcome of an upload can be asked for, as the answer of any other request. */
const outcomeMs = 35 * 86_400_000;

/**
 * Takes a report from the intake and records it as if its sender had sent it to the API: the same command, for the same caller. The outcome is
 * kept for the sender, also a refusal. Safe to repeat after a crash at any point, because evidence is recorded once, the first outcome stays,
 * and the bytes are removed last.
 */
export const takeUpload = async (deps: TakeDependencies, { run, upload }: Named): Promise<Taken> => {
  const id = `${run}/${upload}`;
  const key = keyOfUpload(run, upload);
  const found = await deps.uploads.find(id);
  if (found === undefined || found.outcome !== undefined) {
    await deps.objects.remove(key);
    return { upload, became: found === undefined ? 'unknown' : 'again' };
  }
  const { announced, caller } = requestIn(found.request);
  const { bytes: length, sha256: digest, ...parameters } = announced;
  const read = await deps.objects.read(key, length);
  if (read === undefined) return { upload, became: 'gone' };
  const sent = 'bytes' in read ? read.bytes : undefined;
  const outcome: Outcome<EvidenceRecorded> =
    sent === undefined || sha256(sent) !== digest
      ? mismatch(announced, 'bytes' in read ? { bytes: read.bytes.byteLength, sha256: sha256(read.bytes) } : { bytes: read.length })
      : await recordEvidence(deps, { ...parameters, run, bytes: sent, contentType: 'application/octet-stream', counted: true }, caller);
  await deps.uploads.close(id, textOfOutcome(outcome), new Date(deps.clock.now().getTime() + outcomeMs));
  await deps.objects.remove(key);
  return { upload, became: outcome.refused === undefined ? 'recorded' : 'refused' };
};

type Measured = { readonly bytes: number; readonly sha256?: string };

const mismatch = (announced: Required<Measured>, got: Measured) =>
  refuse('upload-mismatch', 'What arrived is not the report that was announced.', {
    got: shown(got),
    expected: shown(announced),
    fix: 'Send the report again. Do not change the file while it is sent.',
  });

const shown = ({ bytes, sha256: digest }: Measured): string =>
  `${counted(bytes, 'byte')}${digest === undefined ? '' : `, sha256 ${digest}`}`;

/** Where an upload stands. It changes nothing. */
export const readUpload = async (
  { uploads }: { readonly uploads: Uploads },
  { run, upload }: Named,
  caller: CiCaller,
): Promise<Outcome<UploadState & { readonly upload: string }>> => {
  const state = uploadState(await uploads.find(`${run}/${upload}`), upload, caller);
  return state.refused === undefined ? ok({ upload, ...state.ok }) : state;
};
