import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import type { PeopleStore } from '../../lib/ports.ts';

export const peopleContract = (store: () => PeopleStore): void => {
  describe('people store', () => {
    it('keeps a text under a digest', async () => {
      const text = 'Der Grund: „zu früh“ 😀';
      const digest = await store().keep('run-1', text);
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      const kept = (await store().read([digest])).get(digest);
      expect(kept).toMatchObject({ run: 'run-1', text });
      expect(sha256(`${kept?.text === null ? '' : kept?.salt}${text}`), 'anybody can check it').toBe(digest);
    });

    it('gives the same text another digest each time, and never the bare one', async () => {
      const digests = [await store().keep('run-1', 'yes'), await store().keep('run-1', 'yes')];
      expect(new Set([...digests, sha256('yes')]).size).toBe(3);
    });

    it('knows no text of another digest', async () => {
      expect(await store().read([sha256('nobody said this')])).toEqual(new Map());
      expect(await store().read([])).toEqual(new Map());
    });

    it('reads more texts than one batch of the table holds', async () => {
      const digests: string[] = [];
      for (let n = 0; n < 101; n += 1) digests.push(await store().keep('run-2', `text ${n}`));
      const kept = await store().read(digests);
      expect(digests.map((digest) => kept.get(digest)?.text)).toEqual(digests.map((_, n) => `text ${n}`));
    });
  });
};
