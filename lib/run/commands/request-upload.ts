import { ok, type Refusal, refuse } from '../../outcome.ts';
import { isEvidenceType, typeFacts, uploadedIds } from '../../registry/evidence-types.ts';
import type { Intake, PutAddress, Uploads } from '../../uploads.ts';
import { counted } from '../../wording.ts';
import type { CiCaller } from '../state/caller.ts';
import { runCommand } from './command.ts';
import { type UploadInput, uploadSchema } from './inputs.ts';
import { withinLimits } from './limits.ts';
import { checkArtifact, checkBindings, type EvidenceDependencies } from './record-evidence.ts';
import { textOfRequest } from './upload.ts';

/** `request` names the request across its retries. */
type Requested = UploadInput & { readonly run: string; readonly request: string };
/** `address`: where the bytes are put, once. */
export type UploadRequested = { readonly upload: string; readonly address: PutAddress; readonly expires: string };

/** Long enough for 50 MB on a slow line. */
const addressSeconds = 15 * 60;
/** An upload whose bytes never came is forgotten then. The intake keeps what comes for a day, and what failed is tried again for an hour. */
const openMs = 2 * 86_400_000;

/** The object of an upload in the intake. */
export const keyOfUpload = (run: string, upload: string): string => `upload/${run}/${upload}`;

/**
 * Takes note of a report that is about to be uploaded, and gives an address for its bytes. What can be refused before the bytes are there is
 * refused here. It writes nothing to the trail: what becomes evidence is recorded when it has arrived.
 */
export const requestUpload = runCommand({
  id: 'requestUpload',
  input: uploadSchema,
  callers: ['ci'],
  action: ({ type = '' }: Requested) => (isEvidenceType(type) ? `upload ${type}` : 'upload of an unknown type'),
  decide: async (
    deps: EvidenceDependencies & { readonly intake: Intake; readonly uploads: Uploads },
    context,
    { run, request, ...announced }: Requested,
    caller: CiCaller,
  ) => {
    const now = deps.clock.now();
    const { type = '', bytes, source } = announced;
    const no =
      tooLargeOrUnknown(announced) ??
      checkBindings(context, { ...announced, type }, caller, now) ??
      checkArtifact(context, announced, { type: 'unreadable', reason: 'not read yet' }) ??
      (await withinLimits(deps, run, caller, { pieces: 1, bytes, ...(type === '' ? {} : { source: `${type}/${source}` }) }));
    if (no !== undefined) return no;
    const upload = request.slice(0, 32);
    const expires = new Date(now.getTime() + addressSeconds * 1000).toISOString();
    return ok(async () => {
      await deps.uploads.open(
        `${run}/${upload}`,
        textOfRequest({ announced, caller: copyOf(caller), expires }),
        new Date(now.getTime() + openMs),
      );
      const address = await deps.intake.address({ key: keyOfUpload(run, upload), bytes, sha256: announced.sha256 }, addressSeconds);
      return ok({ upload, address, expires });
    });
  },
});

const copyOf = ({ services, environments, ...caller }: CiCaller) => ({
  ...caller,
  services: [...services],
  ...(environments === undefined ? {} : { environments: [...environments] }),
});

const largest = Math.max(...uploadedIds.map((type) => typeFacts[type].maxBytes));

const tooLargeOrUnknown = ({ type, bytes }: UploadInput): { readonly refused: Refusal } | undefined => {
  if (type !== undefined && !isEvidenceType(type))
    return refuse('evidence-type-unknown', 'There is no such evidence type.', {
      got: type.slice(0, 60),
      expected: Object.keys(typeFacts).join(', '),
      fix: 'Use one of these types, or leave the type out.',
    });
  const most = type === undefined ? largest : typeFacts[type].maxBytes;
  if (bytes <= most) return undefined;
  return refuse('body-too-large', `A ${type === undefined ? 'report' : `${type} report`} may have at most ${most} bytes.`, {
    got: `${counted(bytes, 'byte')}`,
    expected: `${most} bytes at most`,
    fix: 'Split the report by source, or leave out captured output.',
  });
};
