import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Intake, IntakeObjects, PutAddress, Uploads } from '../../lib/uploads.ts';

const until = new Date('2999-01-01T00:00:00Z');
const unused = (): string => randomBytes(16).toString('hex');

export const uploadsContract = (store: () => Uploads): void => {
  describe('uploads', () => {
    it('are found as they were opened, and stay so when they are opened again', async () => {
      const id = unused();
      expect(await store().find(id)).toBeUndefined();
      await store().open(id, 'first', until);
      await store().open(id, 'second', until);
      expect(await store().find(id)).toEqual({ request: 'first', outcome: undefined });
    });

    it('keep the first outcome', async () => {
      const id = unused();
      await store().open(id, 'request', until);
      await store().close(id, 'one', until);
      await store().close(id, 'two', until);
      await store().open(id, 'again', until);
      expect(await store().find(id)).toEqual({ request: 'request', outcome: 'one' });
    });

    it('that are forgotten get none', async () => {
      const id = unused();
      await store().close(id, 'one', until);
      expect(await store().find(id)).toBeUndefined();
    });
  });
};

export type IntakeUnderTest = {
  readonly intake: Intake;
  readonly objects: IntakeObjects;
  /** Sends the bytes with exactly these headers, and returns the status. */
  readonly put: (address: PutAddress, bytes: Uint8Array) => Promise<number>;
};

export const intakeContract = (given: () => IntakeUnderTest): void => {
  const announced = (bytes: Uint8Array) => ({ key: `upload/run/${unused()}`, bytes: bytes.byteLength, sha256: sha256(bytes) });

  describe('the intake', () => {
    it('takes the bytes that were announced, gives them whole, and removes them', async () => {
      const { intake, objects, put } = given();
      const bytes = new Uint8Array(randomBytes(300_000));
      const one = announced(bytes);
      expect(await objects.read(one.key, one.bytes)).toBeUndefined();
      const address = await intake.address(one, 900);
      expect(await put(address, bytes)).toBe(200);
      expect(await put(address, bytes), 'again').toBe(200);
      expect(await objects.read(one.key, one.bytes)).toEqual({ bytes });
      await objects.remove(one.key);
      await objects.remove(one.key);
      expect(await objects.read(one.key, one.bytes)).toBeUndefined();
    });

    it('takes no bytes with another digest', async () => {
      const { intake, objects, put } = given();
      const bytes = new Uint8Array(randomBytes(1_000));
      const one = announced(bytes);
      const other = bytes.map((byte, place) => (place === 7 ? byte ^ 1 : byte));
      expect(await put(await intake.address(one, 900), other)).toBe(400);
      expect(await objects.read(one.key, one.bytes)).toBeUndefined();
    });

    it('gives no bytes of another length than expected', async () => {
      const { intake, objects, put } = given();
      const bytes = new Uint8Array(randomBytes(1_000));
      const one = announced(bytes);
      await put(await intake.address(one, 900), bytes);
      expect(await objects.read(one.key, 10)).toEqual({ length: 1_000 });
      expect(await objects.read(one.key, 2_000)).toEqual({ length: 1_000 });
    });
  });
};
