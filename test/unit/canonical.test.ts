import oracle from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, digestOf, excerpt, sha256 } from '../../lib/canonical-json.ts';

/** What an event can hold: well-formed text, finite numbers, integers within 2^53 - 1. */
const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
  fc.boolean(),
  fc.constant(null),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(fc.string({ unit: 'binary' }), tie('value'), { maxKeys: 6 }),
  ),
})).value;

describe('canonical JSON', () => {
  it('writes what another implementation of RFC 8785 writes', () => {
    fc.assert(
      fc.property(json, (value) => canonical(value) === oracle(value)),
      { numRuns: 2000 },
    );
  });

  it('is read back as the same value and written again as the same bytes', () => {
    fc.assert(
      fc.property(json, (value) => canonical(JSON.parse(canonical(value))) === canonical(value)),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order in which members were set', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), scalar),
        (value) => canonical(Object.fromEntries(Object.entries(value).reverse())) === canonical(value),
      ),
    );
  });

  it('writes the example of RFC 8785, 3.2.2 (without its 1E30, which is refused here)', () => {
    const value = {
      numbers: JSON.parse('[333333333.33333329, 4.50, 2e-3, 0.000000000000000000000000001]') as unknown,
      string: '€$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
      literals: [null, true, false],
    };
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts as RFC 8785, 3.2.3: by UTF-16 code units', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(canonical(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    );
  });

  // Bit patterns and texts of RFC 8785, appendix B; integers beyond 2^53 - 1 are refused here, so they are not in this list.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['433fffffffffffff', '9007199254740991'],
    ['c33fffffffffffff', '-9007199254740991'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number %s as %s', (bits, text) => {
    expect(canonical(Buffer.from(bits, 'hex').readDoubleBE(0))).toBe(text);
  });

  it.each([
    ['undefined', undefined],
    ['a member that is undefined', { a: undefined }],
    ['an element that is undefined', [1, undefined]],
    ['a hole', new Array(1)],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['2^53', 2 ** 53],
    ['1E30 of the example of RFC 8785, 3.2.2', 1e30],
    ['an integer of its appendix B', Buffer.from('44b52d02c7e14af6', 'hex').readDoubleBE(0)],
    ['an object in an array', [new Date(0)]],
    ['a boxed number', Object(1)],
    ['what JSON would ask to write itself', { toJSON: () => 1 }],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['bytes', new Uint8Array(1)],
    ['a lone surrogate', '\ud800'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
  ])('refuses %s', (_, value) => {
    expect(() => canonical(value)).toThrow(TypeError);
  });

  it('hashes the UTF-8 bytes', () => {
    // The well-known digests of the empty text and of "abc", FIPS 180-2.
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256(Buffer.from('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(digestOf({ b: 1, a: 'ä' })).toBe(sha256(Buffer.from('{"a":"ä","b":1}', 'utf8')));
  });

  it('agrees with the other implementation about every number that both write', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (bits) => {
        const view = new DataView(new ArrayBuffer(8));
        view.setBigUint64(0, bits);
        const value = view.getFloat64(0);
        const written = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
        if (written) expect(canonical(value)).toBe(oracle(value));
        else expect(() => canonical(value)).toThrow(TypeError);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an excerpt', () => {
  it('is what canonical JSON can hold and one line can show, whatever it is of', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
        ),
        fc.nat(40),
        (text, most) => {
          const cut = excerpt(text, most);
          expect(cut.length).toBeLessThanOrEqual(most);
          expect(cut).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
          expect(canonical(cut)).toBe(oracle(cut));
          expect(excerpt(cut, most)).toBe(cut);
        },
      ),
    );
  });

  it.each([
    ['short enough', 'cart › adds', 40, 'cart › adds'],
    ['cut', 'cart', 2, 'ca'],
    ['cut within a character', 'a😀', 2, 'a'],
    ['cut behind it', 'a😀b', 3, 'a😀'],
    ['with half a character', 'a\udc00b', 40, 'a\ufffdb'],
    ['that moves a cursor and turns text around', '\u001b[2J\u202eok\r\n', 40, ' [2J ok  '],
  ])('of text %s', (_what, text, most, expected) => {
    expect(excerpt(text, most)).toBe(expected);
  });
});
