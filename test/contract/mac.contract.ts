import { describe, expect, it } from 'vitest';
import type { Seal } from '../../lib/ports.ts';

export const sealContract = (seal: () => Seal): void => {
  describe('seal', () => {
    it('knows its own MAC of the same text', async () => {
      const text = 'holdpoint/session/1\n😀'.padEnd(2000, 'x');
      const mac = await seal().mac(text);
      expect(mac).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(await seal().check(text, mac)).toBe(true);
    });

    it('is false for another text, another MAC and what is no MAC', async () => {
      const mac = await seal().mac('one');
      expect(await seal().check('two', mac)).toBe(false);
      expect(await seal().check('one', await seal().mac('two'))).toBe(false);
      for (const other of ['', 'x', `${mac}=`, `${mac} `, mac.slice(1), `${mac}AAAA`, 'ä'.repeat(43)])
        expect(await seal().check('one', other)).toBe(false);
    });

    it('takes 4096 bytes and no more', async () => {
      const text = 'x'.repeat(4096);
      expect(await seal().check(text, await seal().mac(text))).toBe(true);
      await expect(seal().mac(`${text}x`)).rejects.toThrow(RangeError);
      await expect(seal().mac('ä'.repeat(2049))).rejects.toThrow(RangeError);
    });
  });
};
