import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import type { EvidenceStore } from '../../lib/ports.ts';

export const evidenceContract = (store: () => EvidenceStore): void => {
  describe('evidence store', () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
    const digest = sha256(bytes);

    it('gives back the very bytes', async () => {
      const scope = `runs/${randomUUID()}`;
      await store().put(scope, digest, bytes, 'application/xml');
      expect(await store().get(scope, digest)).toEqual(bytes);
    });

    it('takes the same bytes again, also from many at once', async () => {
      const scope = `runs/${randomUUID()}`;
      await Promise.all(Array.from({ length: 8 }, () => store().put(scope, digest, bytes, 'application/xml')));
      await store().put(scope, digest, bytes, 'text/plain');
      expect(await store().get(scope, digest)).toEqual(bytes);
    });

    it('keeps an empty report', async () => {
      const scope = `runs/${randomUUID()}`;
      await store().put(scope, sha256(''), new Uint8Array(), 'text/plain');
      expect(await store().get(scope, sha256(''))).toEqual(new Uint8Array());
    });

    it("knows nothing that was not put, nor another scope's", async () => {
      const scope = `runs/${randomUUID()}`;
      expect(await store().get(scope, digest)).toBeUndefined();
      await store().put(scope, digest, bytes, 'application/xml');
      expect(await store().get(`runs/${randomUUID()}`, digest)).toBeUndefined();
    });

    it('refuses bytes that the digest does not name', async () => {
      const scope = `runs/${randomUUID()}`;
      await expect(store().put(scope, sha256('else'), bytes, 'text/plain')).rejects.toThrow('expected');
      expect(await store().get(scope, sha256('else'))).toBeUndefined();
    });
  });
};
