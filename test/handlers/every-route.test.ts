import { describe, expect, expectTypeOf, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { ciApi } from '../../lambdas/api/ci.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn, type SignIn } from '../../lambdas/api/sign-in.ts';
import { operations } from '../../lib/api/contract.ts';
import type { Api } from '../../lib/api/mount.ts';
import type { ApiFunction } from '../../lib/api/operation.ts';
import { pages } from '../../lib/api/pages.ts';
import type { Handlers } from '../../lib/api/serve.ts';
import type { PageHandlers } from '../../lib/console/serve.ts';
import { styleFile } from '../../lib/console/style.ts';
import { scriptFile } from '../../lib/console-script.ts';
import { fakeMac } from '../fakes.ts';
import { dependenciesOf, twoGates } from '../given.ts';
import { anonymous, ask, stageOf } from './requests.ts';

describe('a declared route without a handler', () => {
  test('does not compile', () => {
    expectTypeOf<Omit<Handlers<'ci'>, 'startRun'>>().not.toExtend<Handlers<'ci'>>();
    expectTypeOf<Omit<Handlers<'people'>, 'cancelRun'>>().not.toExtend<Handlers<'people'>>();
    expectTypeOf<Omit<Handlers<'audit'>, 'readRun'>>().not.toExtend<Handlers<'audit'>>();
    expectTypeOf<Omit<PageHandlers<'people'>, 'login'>>().not.toExtend<PageHandlers<'people'>>();
    expectTypeOf<Omit<PageHandlers<'audit'>, 'showRun'>>().not.toExtend<PageHandlers<'audit'>>();
  });

  test('belongs to the record of exactly one function', () => {
    expectTypeOf<keyof Handlers<'ci'> | keyof Handlers<'people'> | keyof Handlers<'audit'>>().toEqualTypeOf<keyof typeof operations>();
    expectTypeOf<keyof Handlers<'ci'> & keyof Handlers<'people'>>().toBeNever();
    expectTypeOf<keyof Handlers<'people'> & keyof Handlers<'audit'>>().toBeNever();
    expectTypeOf<keyof PageHandlers<'people'> | keyof PageHandlers<'audit'>>().toEqualTypeOf<keyof typeof pages>();
    expectTypeOf<keyof PageHandlers<'ci'>>().toBeNever();
  });
});

const deps = dependenciesOf(twoGates);
const stage = stageOf();
/** A provider that does not answer: /login then answers 503, which proves its handler, too. */
const silent = (): Promise<never> => Promise.reject(new Error('the provider does not answer'));
const signIn: SignIn = { issuer: createSignIn(stage).issuer, begin: silent, finish: silent };
const apis: Readonly<Record<ApiFunction, Api>> = {
  ci: ciApi(deps),
  people: peopleApi({ deps, mac: fakeMac(), stage, signIn }),
  audit: auditApi({ deps, mac: fakeMac() }),
};
const all = Object.entries({ ...operations, ...pages });

describe('every operation of the contract', () => {
  test.each(all)('%s is served by its function', async (_id, { method, path, function: served }) => {
    const concrete = path
      .replace('{file}', path.startsWith('/styles/') ? styleFile : scriptFile)
      .replace(/\{\w+\}/g, 'run-of-somebody-else');
    const answer = await ask(apis[served], { method, path: concrete, identity: anonymous });
    expect([404, 405]).not.toContain(answer.status);
  });
});
