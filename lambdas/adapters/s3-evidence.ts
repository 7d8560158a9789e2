import { sha256 } from '../../lib/canonical-json.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import type { EvidenceStore } from '../../lib/ports.ts';
import type { EvidenceAddresses } from '../../lib/uploads.ts';
import { type Presign, type S3, type S3Request, s3Fault } from './s3.ts';

/**
 * Evidence under `<scope>/<digest>` in a bucket in which objects are created and never replaced. A key names its bytes, so an existing object is
 * the same evidence. The digest is checked at every write (by S3, too) and at every read.
 */
export const createS3Evidence = (s3: S3, { bucket }: { readonly bucket: string }): EvidenceStore => ({
  put: async (scope, digest, bytes, contentType) => {
    if (sha256(bytes) !== digest) throw new TypeError(`evidence: got bytes of digest ${sha256(bytes)}, expected ${digest}`);
    const request: S3Request = {
      method: 'PUT',
      bucket,
      key: `${scope}/${digest}`,
      headers: {
        'content-type': contentType,
        'if-none-match': '*',
        'x-amz-checksum-sha256': Buffer.from(digest, 'hex').toString('base64'),
        'x-amz-content-sha256': digest,
      },
      body: bytes,
    };
    const answer = await s3(request);
    if (answer.status !== 200 && answer.status !== 412) throw s3Fault(request, answer);
  },
  get: async (scope, digest) => {
    const request: S3Request = { method: 'GET', bucket, key: `${scope}/${digest}` };
    const answer = await s3(request);
    // Any other 404 means that the bucket is missing, which does not prove that the evidence never existed.
    if (answer.status === 404 && answer.code === 'NoSuchKey') return undefined;
    if (answer.status !== 200) throw s3Fault(request, answer);
    if (sha256(answer.bytes) !== digest) throw new IntegrityFault(`evidence ${request.key}: the stored bytes have another digest`);
    return answer.bytes;
  },
});

/** A browser saves what is behind the address and never shows it, whatever type it was stored with. */
export const createS3EvidenceAddresses = (presign: Presign, { bucket }: { readonly bucket: string }): EvidenceAddresses => ({
  address: async (scope, digest, seconds) => {
    const query = {
      'response-content-disposition': `attachment; filename="${digest}"`,
      'response-content-type': 'application/octet-stream',
    };
    return (await presign({ method: 'GET', bucket, key: `${scope}/${digest}`, query }, seconds)).url;
  },
});
