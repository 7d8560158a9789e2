import type { Intake, IntakeObjects } from '../../lib/uploads.ts';
import { type Presign, type S3, type S3Request, s3Fault } from './s3.ts';

/** Length and checksum are signed headers, so S3 refuses a request with others, and bytes that differ from them. */
export const createS3Intake = (presign: Presign, { bucket }: { readonly bucket: string }): Intake => ({
  address: ({ key, bytes, sha256 }, seconds) =>
    presign(
      {
        method: 'PUT',
        bucket,
        key,
        headers: { 'content-length': String(bytes), 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') },
      },
      seconds,
    ),
});

export const createS3IntakeObjects = (s3: S3, { bucket }: { readonly bucket: string }): IntakeObjects => ({
  read: async (key, bytes) => {
    const request: S3Request = { method: 'GET', bucket, key, mostBytes: bytes };
    const answer = await s3(request);
    // Any other 404 means that the bucket is missing.
    if (answer.status === 404 && answer.code === 'NoSuchKey') return undefined;
    if (answer.status !== 200) throw s3Fault(request, answer);
    return answer.length === bytes ? { bytes: answer.bytes } : { length: answer.length };
  },
  remove: async (key) => {
    const request: S3Request = { method: 'DELETE', bucket, key };
    const answer = await s3(request);
    if (answer.status !== 204) throw s3Fault(request, answer);
  },
});
