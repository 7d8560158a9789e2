import { describe, expect, it } from 'vitest';
import type { Mailer } from '../../lib/ports.ts';

export const mailerContract = (mailer: () => Mailer): void => {
  describe('mailer', () => {
    it('accepts each mail under an id of its own', async () => {
      const mail = {
        about: { run: '20260302-080000-abcdefghij', notification: 'gate-overdue', person: 'p-1' },
        to: { name: 'Jürgen "J" Groß', address: 'juergen@example.com' },
        subject: 'Freigabe für «billing» 😀',
        text: 'Bitte ansehen.',
        html: '<p>Bitte ansehen.</p>',
      };
      const ids = [(await mailer().send(mail)).message, (await mailer().send(mail)).message];
      expect(ids.every((id) => id.length > 0)).toBe(true);
      expect(new Set(ids).size).toBe(2);
    });
  });
};
