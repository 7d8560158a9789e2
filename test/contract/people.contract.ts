import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import type { PeopleStore } from '../../lib/ports.ts';

export const peopleContract = (store: () => PeopleStore): void => {
  describe('people store', () => {
    it('keeps a text under a digest', async () => {
      const text = 'Der Grund: „zu früh“ 😀';
      const digest = await store().keep('run-1', text);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(await store().read(digest)).toBe(text);
    });

    it('gives the same text another digest each time, and never the bare one', async () => {
      const digests = [await store().keep('run-1', 'yes'), await store().keep('run-1', 'yes')];
      expect(new Set([...digests, sha256('yes')]).size).toBe(3);
    });

    it('knows no text of another digest', async () => {
      expect(await store().read(sha256('nobody said this'))).toBeUndefined();
    });
  });
};
