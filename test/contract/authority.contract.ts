import { describe, expect, it } from 'vitest';
import { type AuthorityKind, authorityKinds } from '../../lib/audit/event-definition.ts';
import type { Authority } from '../../lib/ports.ts';

/** `of`: the authority as the function has it that signs for a kind, or as one that signs for none; all with the same keys. */
export const authorityContract = (of: (signsFor: AuthorityKind | null) => Authority): void => {
  const message = `holdpoint/event/1\n${'0123456789abcdef'.repeat(4)}`;
  const signed = async (kind: AuthorityKind, text = message): Promise<string> => {
    const mac = await of(kind).sign(kind, text);
    if (mac === null) throw new Error(`the ${kind} function did not sign`);
    return mac;
  };
  describe('authority', () => {
    it('signs for its own kind and for no other', async () => {
      for (const signsFor of [...authorityKinds, null])
        for (const kind of authorityKinds) {
          const mac = await of(signsFor).sign(kind, message);
          if (kind === signsFor) expect(mac).toMatch(/^[A-Za-z0-9_-]{43}$/);
          else expect(mac).toBeNull();
        }
    });

    it('lets every function verify', async () => {
      for (const kind of authorityKinds)
        for (const reader of [...authorityKinds, null]) expect(await of(reader).verify(kind, message, await signed(kind))).toBe(true);
    });

    it('is false for another message, for the MAC of another kind and for what is not a MAC', async () => {
      const mac = await signed('people');
      expect(await of(null).verify('people', `${message}0`, mac)).toBe(false);
      expect(await of(null).verify('reconciler', message, mac)).toBe(false);
      for (const other of ['', 'x', `${mac}=`, mac.slice(1), `${mac}AAAA`])
        expect(await of(null).verify('people', message, other)).toBe(false);
    });

    it('signs 4096 bytes and no more', async () => {
      const text = 'x'.repeat(4096);
      expect(await of(null).verify('people', text, await signed('people', text))).toBe(true);
      await expect(of('people').sign('people', `${text}x`)).rejects.toThrow(RangeError);
    });
  });
};
