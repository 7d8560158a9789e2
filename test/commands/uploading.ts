import { sha256 } from '../../lib/canonical-json.ts';
import { requestUpload, type UploadRequested } from '../../lib/run/commands/request-upload.ts';
import type { FakeDependencies } from '../fakes.ts';
import { ci, reportOfRun } from '../given.ts';

/** The request of every upload here, and so the id of the upload. */
export const request = '0123456789abcdef'.repeat(4);
export const uploadId = request.slice(0, 32);

type Changes = Partial<Parameters<typeof requestUpload>[1]>;

/** Asks for the upload of a report, as CI does. */
export const requested = async (deps: FakeDependencies, run: string, report: Uint8Array, changes: Changes = {}) => {
  const { bytes: _, contentType: __, ...parameters } = reportOfRun(run, deps, report);
  const announced = { ...parameters, bytes: report.byteLength, sha256: sha256(report), request, ...changes };
  return requestUpload(deps, announced, ci);
};

/** Asks for the upload and puts the bytes. Returns the status of the store. */
export const uploaded = async (
  deps: FakeDependencies,
  run: string,
  report: Uint8Array,
  { sent = report, ...changes }: Changes & { readonly sent?: Uint8Array } = {},
): Promise<{ readonly asked: UploadRequested; readonly status: number }> => {
  const { ok, refused } = await requested(deps, run, report, changes);
  if (ok === undefined) throw new Error(refused.detail);
  return { asked: ok, status: deps.controls.intake.put(ok.address, sent) };
};
