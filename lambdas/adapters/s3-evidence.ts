import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { sha256 } from '../../lib/canonical.ts';
import { IntegrityFault } from '../../lib/outcome.ts';
import type { EvidenceStore } from '../../lib/ports.ts';

/** How often a write is tried that S3 refused because another writer of the same key was at work. */
const attempts = 3;

/**
 * Evidence under `<scope>/<digest>` in a bucket that only ever gets new objects: a key names its bytes, so that what is there already
 * is the same. The bytes are checked on the way in (by S3, too) and on the way out.
 */
export const createS3Evidence = (client: S3Client, { bucket: Bucket }: { readonly bucket: string }): EvidenceStore => ({
  put: async (scope, digest, bytes, contentType) => {
    if (sha256(bytes) !== digest) throw new TypeError(`evidence: got bytes of digest ${sha256(bytes)}, expected ${digest}`);
    const command = new PutObjectCommand({
      Bucket,
      Key: `${scope}/${digest}`,
      Body: bytes,
      ContentType: contentType,
      IfNoneMatch: '*',
      ChecksumSHA256: Buffer.from(digest, 'hex').toString('base64'),
    });
    for (let attempt = 1; ; attempt += 1) {
      try {
        await client.send(command);
        return;
      } catch (fault) {
        const status = fault instanceof S3ServiceException ? fault.$metadata.httpStatusCode : undefined;
        if (status === 412) return;
        if (status !== 409 || attempt === attempts) throw fault;
      }
    }
  },
  get: async (scope, digest) => {
    const Key = `${scope}/${digest}`;
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      const bytes = await Body?.transformToByteArray();
      if (bytes === undefined || sha256(bytes) !== digest)
        throw new IntegrityFault(`evidence ${Key}: the stored bytes have another digest`);
      return bytes;
    } catch (fault) {
      if (fault instanceof NoSuchKey) return undefined;
      throw fault;
    }
  },
});
