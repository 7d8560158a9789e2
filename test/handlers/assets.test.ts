import { describe, expect, test } from 'vitest';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import type { Operation } from '../../lib/api/operation.ts';
import { pages } from '../../lib/api/pages.ts';
import { contentSecurityPolicy, style, styleFile } from '../../lib/console/style.ts';
import { scriptFile, scriptText } from '../../lib/console-script.ts';
import { fakeMac } from '../fakes.ts';
import { dependenciesOf, twoGates } from '../given.ts';
import { anonymous, ask, stageOf } from './requests.ts';

const stage = stageOf();
const api = peopleApi({ deps: dependenciesOf(twoGates), mac: fakeMac(), stage, signIn: createSignIn(stage) });
const read = (file: string, method = 'GET') => ask(api, { method, path: `/assets/${file}`, identity: anonymous });

describe('the stylesheet of the pages', () => {
  const readStyle = (file: string) => ask(api, { method: 'GET', path: `/styles/${file}`, identity: anonymous });

  test.each([
    ['this version, to be kept for ever', styleFile, 'public, max-age=31536000, immutable'],
    ['a page of another version, for this time', 'console-0000000000000000.css', 'no-store'],
  ])('is served to %s', async (_whom, file, kept) => {
    const reply = await readStyle(file);
    expect([reply.status, reply.text === style]).toEqual([200, true]);
    expect(reply.headers).toMatchObject({
      'content-type': 'text/css; charset=utf-8',
      'cache-control': kept,
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  test.each(['console.css', scriptFile, '..%2findex.css'])('%s is no stylesheet', async (file) => {
    expect((await readStyle(file)).status).toBe(404);
  });
});

describe('the script of the pages', () => {
  test('is served to everybody, by the digest of its text, to be kept for ever', async () => {
    for (const method of ['GET', 'HEAD']) {
      const reply = await read(scriptFile, method);
      expect(reply.status).toBe(200);
      expect(reply.headers).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(reply.headers['set-cookie']).toBeUndefined();
    }
    expect((await read(scriptFile)).text).toBe(scriptText);
  });

  test.each(['console-0000000000000000.js', 'console.js', '..%2f..%2findex.mjs', scriptFile.toUpperCase()])(
    '%s is no script, and is not kept',
    async (file) => {
      const reply = await read(file);
      expect([reply.status, reply.headers['cache-control']]).toEqual([404, 'no-store']);
      expect(reply.headers['content-type']).toMatch(/^text\/html/);
    },
  );

  test('is smaller than 15 KB, and makes no code and no HTML of texts', () => {
    expect(Buffer.byteLength(scriptText)).toBeGreaterThan(5_000);
    expect(Buffer.byteLength(scriptText)).toBeLessThan(15_000);
    expect(scriptText).not.toMatch(
      /\beval\b|\bFunction\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|\bimport\b|javascript:/,
    );
    // It sends no form and writes nothing: it reads the page it stands on.
    expect(scriptText).not.toMatch(/\.submit\b|requestSubmit|method:\s*["'`]|XMLHttpRequest|sendBeacon|WebSocket/);
    expect(scriptText.match(/\bfetch\(/g)).toHaveLength(1);
  });

  test('is the only script that the policy lets run: nothing else of this origin has such a type', () => {
    expect(contentSecurityPolicy).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    const types = Object.entries<Operation>(pages).map(([id, { answer }]) => [id, answer.mediaType ?? 'text/html']);
    expect(types.filter(([, type]) => /script/.test(type ?? ''))).toEqual([['readScript', 'text/javascript']]);
  });
});
