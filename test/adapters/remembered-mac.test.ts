import { beforeEach, describe, expect, test } from 'vitest';
import { createRememberedMac, rememberedMs } from '../../lambdas/adapters/remembered-mac.ts';
import { sha256 } from '../../lib/canonical-json.ts';
import type { Mac } from '../../lib/ports.ts';
import { macContract } from '../contract/mac.contract.ts';
import { fakeClock, fakeMac } from '../fakes/services.ts';

const clock = fakeClock('2026-03-02T08:00:00Z', 0);
let asked: string[];
let isDisabled: boolean;
let mac: Mac;
beforeEach(() => {
  asked = [];
  isDisabled = false;
  const key = fakeMac();
  const counted: Mac = {
    sign: (text) => {
      asked.push(`sign ${text}`);
      return key.sign(text);
    },
    verify: async (text, code) => {
      asked.push(`verify ${text}`);
      if (isDisabled) throw new Error('the key is disabled');
      return key.verify(text, code);
    },
  };
  mac = createRememberedMac(counted, clock);
});

macContract(() => mac);

describe('a MAC that is remembered', () => {
  test('is asked about once by the process that has verified it', async () => {
    const code = await fakeMac().sign('session');
    for (let request = 0; request < 3; request += 1) expect(await mac.verify('session', code)).toBe(true);
    expect(asked).toEqual(['verify session']);
  });

  test('is not asked about by the process that has made it', async () => {
    expect(await mac.verify('form', await mac.sign('form'))).toBe(true);
    expect(asked).toEqual(['sign form']);
  });

  test('is remembered for its own text alone', async () => {
    const code = await mac.sign('form');
    expect(await mac.verify('forma', code)).toBe(false);
    expect(await mac.verify('form', `${code}\n`)).toBe(false);
    expect(await mac.verify('form', `${sha256('form')}/${code}`)).toBe(false);
  });

  test('is asked about again after five minutes, so that a disabled key ends its sessions', async () => {
    const code = await mac.sign('session');
    isDisabled = true;
    clock.advance(rememberedMs - 1);
    expect(await mac.verify('session', code)).toBe(true);
    clock.advance(1);
    await expect(mac.verify('session', code)).rejects.toThrow('disabled');
  });

  test('is asked about each time while it is wrong', async () => {
    for (let request = 0; request < 2; request += 1) expect(await mac.verify('session', 'x'.repeat(43))).toBe(false);
    expect(asked).toHaveLength(2);
  });

  test('is forgotten after a thousand others', async () => {
    const first = await mac.sign('first');
    for (let other = 0; other < 1_000; other += 1) await mac.sign(`other ${other}`);
    expect(await mac.verify('first', first)).toBe(true);
    expect(asked.at(-1)).toBe('verify first');
  });
});
