import { describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { ciApi } from '../../lambdas/api/ci.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { createClient } from '../../lib/api/client.ts';
import { routes } from '../../lib/api/routes.ts';
import { sweep } from '../../lib/run/gates/sweep.ts';
import { fakeMac } from '../fakes.ts';
import { dependenciesOf, personIn, twoGates } from '../given.ts';
import { type Machine, machineOf } from '../machine.ts';
import { playRun, type SmokeRun } from '../smoke/play-run.ts';
import { ask, bearer, jobOf, stageOf } from './requests.ts';

/** A stage that answers as the handlers do; its state machine goes on while the smoke test waits. */
const stageWithout = (what: 'nothing' | 'openings'): { readonly smoke: SmokeRun; readonly said: string[] } => {
  const deps = dependenciesOf(twoGates);
  const stage = stageOf();
  const apis = {
    ci: ciApi(deps),
    people: peopleApi({ deps, mac: fakeMac(), stage, signIn: createSignIn(stage) }),
    audit: auditApi({ deps, mac: fakeMac() }),
  };
  const said: string[] = [];
  let machine: Machine | undefined;
  const clientOf = (identity: ReturnType<typeof bearer>) =>
    createClient({
      baseUrl: 'https://holdpoint.example.com',
      token: () => 'token',
      fetch: async (url, init = {}) => {
        const { pathname, search } = new URL(String(url));
        const { method = 'GET', headers, body } = init;
        const route = routes.find(
          (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
        );
        const reply = await ask(apis[route === undefined || route.function === 'webhooks' ? 'audit' : route.function], {
          method,
          path: pathname,
          identity,
          headers: Object.fromEntries(new Headers(headers)),
          query: search.slice(1),
          ...(body === undefined || body === null ? {} : { body: body as string | Uint8Array }),
        });
        return new Response(reply.text, { status: reply.status, headers: reply.headers as Record<string, string> });
      },
    });
  const smoke: SmokeRun = {
    ci: clientOf(bearer(jobOf('smoke'))),
    person: clientOf(bearer(personIn(deps, 'operations-lead'))),
    service: 'shop',
    environment: 'production',
    now: () => deps.clock.now(),
    say: (line) => said.push(line),
    sleep: async () => {
      deps.controls.clock.advance(60_000);
      if (what === 'openings') return;
      if (machine === undefined) {
        machine = machineOf(deps, said[0]?.split(' ').at(-1) ?? '');
        await machine.begin();
      }
      await sweep(deps);
      await machine.settle();
    },
  };
  return { smoke, said };
};

describe('the smoke test of a stage', () => {
  test('plays a run to its end and verifies its trail', async () => {
    const { smoke, said } = stageWithout('nothing');
    const { events } = await playRun(smoke);
    expect(events).toBeGreaterThan(8);
    expect(said).toEqual([
      expect.stringMatching(/^started \d{8}-/),
      expect.stringMatching(/^recorded evidence [0-9a-f]{12}$/),
      expect.stringMatching(/^Gate phase-1 is (waiting|blocked|passed)$/),
      'cancelled',
      `verified ${events} events`,
    ]);
  });

  test('fails when no gate opens, and leaves no run behind', async () => {
    const { smoke, said } = stageWithout('openings');
    await expect(playRun(smoke)).rejects.toThrow('the first gate did not open in time');
    expect(said).toContain('cancelled');
  });
});
