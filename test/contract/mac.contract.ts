import { describe, expect, it } from 'vitest';
import type { Mac } from '../../lib/ports.ts';

export const macContract = (mac: () => Mac): void => {
  describe('mac', () => {
    it('knows its own MAC of the same text', async () => {
      const text = 'holdpoint/session/1\n😀'.padEnd(2000, 'x');
      const code = await mac().sign(text);
      expect(code).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(await mac().verify(text, code)).toBe(true);
    });

    it('is false for another text, another MAC and what is no MAC', async () => {
      const code = await mac().sign('one');
      expect(await mac().verify('two', code)).toBe(false);
      expect(await mac().verify('one', await mac().sign('two'))).toBe(false);
      for (const other of ['', 'x', `${code}=`, `${code} `, code.slice(1), `${code}AAAA`, 'ä'.repeat(43)])
        expect(await mac().verify('one', other)).toBe(false);
    });

    it('takes 4096 bytes and no more', async () => {
      const text = 'x'.repeat(4096);
      expect(await mac().verify(text, await mac().sign(text))).toBe(true);
      await expect(mac().sign(`${text}x`)).rejects.toThrow(RangeError);
      await expect(mac().sign('ä'.repeat(2049))).rejects.toThrow(RangeError);
    });
  });
};
