import { describe, expect, test } from 'vitest';
import { auditApi } from '../../lambdas/api/audit.ts';
import { peopleApi } from '../../lambdas/api/people.ts';
import { createSignIn } from '../../lambdas/api/sign-in.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { run } from '../../lib/cli/main.ts';
import type { Role } from '../../lib/roles.ts';
import { type FakeDependencies, fakeMac } from '../fakes.ts';
import { dependenciesOf, personIn } from '../given.ts';
import { ask, bearer, stageOf } from '../handlers/requests.ts';
import { profileFile } from '../profile-given.ts';
import { terminal } from './terminal.ts';

/** The command line in front of the real routes over fakes, as the person of a role. */
const commandLine = (deps: FakeDependencies, files: Readonly<Record<string, Uint8Array>> = { 'holdpoint.yaml': profileFile() }) => {
  const stage = stageOf();
  const people = peopleApi({ deps, mac: fakeMac(), stage, signIn: createSignIn(stage) });
  const audit = auditApi({ deps, mac: fakeMac() });
  return async (role: Role, ...argv: string[]) => {
    const { io, said } = terminal(
      undefined,
      {},
      {
        now: () => deps.clock.now(),
        readFile: async (path) => files[path] ?? Promise.reject(Object.assign(new Error(path), { code: 'ENOENT' })),
        fetch: async (address, init = {}) => {
          const url = new URL(String(address));
          const method = init.method ?? 'GET';
          const reply = await ask(method === 'GET' ? audit : people, {
            method,
            path: url.pathname,
            query: url.search.slice(1),
            identity: bearer(personIn(deps, role)),
            headers: Object.fromEntries(new Headers(init.headers)),
            body: init.body as never,
          });
          const json = JSON.stringify(reply.json);
          return new Response(json, {
            status: reply.status,
            headers: { 'content-type': reply.status < 400 ? 'application/json' : 'application/problem+json' },
          });
        },
      },
    );
    const code = await run(argv, io);
    return { code, out: said.out, err: said.err, json: () => JSON.parse(said.out) as Record<string, unknown> };
  };
};

describe('holdpoint profile', () => {
  test('put proposes, diff shows, approve by two people puts it in force, show prints it', async () => {
    const deps = dependenciesOf(baseChecklist);
    const as = commandLine(deps);
    expect((await as('auditor', 'profile', 'show')).out).toBe('shop: no profile is in force; its runs take the checklist of the stage\n');
    expect((await as('auditor', 'profile', 'diff')).out).toBe('No proposal is open for shop.\n');
    const put = await as('developer', 'profile', 'put', 'holdpoint.yaml');
    expect([put.code, put.err]).toEqual([0, '']);
    expect(put.out).toMatch(/^Proposed: profile ([0-9a-f]{12}), which gives the definition [0-9a-f]{12}\.\n/);
    const short = /^Proposed: profile (\w+)/.exec(put.out)?.[1] ?? '';
    expect(put.out).toContain('+ Feature cart (cart)\n');
    expect(put.out).toContain(
      `It waits for its approval by the technical-lead and the operations-lead: holdpoint profile approve ${short}`,
    );

    const diff = await as('technical-lead', 'profile', 'diff', '--service', 'shop');
    expect(diff.out).toMatch(new RegExp(`^shop: proposed is the profile ${short}`));
    expect(diff.out).toContain('  proposed by Dara Developer at ');
    expect(diff.out).toContain('  waits for the technical-lead and the operations-lead\n');
    expect((await as('technical-lead', 'profile', 'approve', 'ffffffff')).err).toContain(
      `the open proposal of shop is ${short}, and not ffffffff`,
    );
    expect((await as('technical-lead', 'profile', 'approve', short, '--reason', 'Read with the team.')).out).toBe(
      `Approved: the profile ${short} of shop waits for the operations-lead, too.\n`,
    );
    const last = await as('operations-lead', 'profile', 'approve', short, '--json');
    expect(last.json()).toMatchObject({ state: 'in-force', needs: null });
    const shown = await as('auditor', 'profile', 'show');
    expect(shown.out).toMatch(new RegExp(`^shop: in force is the profile ${short}`));
    expect(shown.out).toContain('approved by Tove Technical (technical-lead) at ');
    expect(shown.out).toContain(': Read with the team.');
    expect((await as('auditor', 'profile', 'show', '--yaml')).out).toBe(
      'features:\n  - id: cart\n    paths:\n      - src/cart/**\n    title: cart\nservice: shop\n',
    );
    expect((await as('auditor', 'profile', 'show', '--json')).json()).toMatchObject({ service: 'shop', open: null });
    expect((await as('developer', 'profile', 'put', 'holdpoint.yaml')).out).toContain(`In force already: profile ${short}`);
  });

  test('diff of a file shows figures before and after, and says that a removed feature is a deviation', async () => {
    const deps = dependenciesOf(baseChecklist);
    const removal = 'removedFeatures: [{ id: orders, reason: "The shop takes no orders any more.", approver: product-owner }]\n';
    const again =
      'deviations: [{ check: soak-24h, parameter: mode, document: required, here: observe, reason: "The soak stage is being built anew.", approver: technical-lead }]\n';
    const as = commandLine(deps, {
      'holdpoint.yaml': profileFile(['cart', 'orders']),
      'next.yaml': profileFile(
        ['cart'],
        `${removal}tighten: { coverage-per-feature: { floorPct: 85 } }\nobserve: { soak-24h: 2026-05-01 }\n${again}`,
      ),
      'bare.yaml': profileFile(['cart']),
    });
    const { profile } = (await as('developer', 'profile', 'put', 'holdpoint.yaml', '--json')).json() as { profile: string };
    for (const role of ['technical-lead', 'operations-lead'] as const) await as(role, 'profile', 'approve', profile);
    const { code, out } = await as('developer', 'profile', 'diff', 'next.yaml');
    expect(code).toBe(0);
    for (const line of [
      '- Feature orders (orders) is removed, which is a deviation: The shop takes no orders any more. Accepted by the product owner.',
      '+ soak-24h: Deviation of Long-duration stability tests (24h+): mode: judged and shown only instead of required. The soak stage is being built anew. Accepted by the technical lead.',
      '~ soak-24h: Long-duration stability tests (24h+): required → judged and shown only until 2026-05-01 00:00:00 UTC',
      '    covered share: at least 70 % → at least 85 %',
      '    features: removed orders (src/orders/**)',
    ])
      expect(out.split('\n')).toContain(line);
    expect((await as('auditor', 'profile', 'diff')).out).toBe('No proposal is open for shop.\n');

    const bare = await as('developer', 'profile', 'put', 'bare.yaml');
    expect(bare.code).toBe(1);
    expect(bare.err).toMatch(/^bare\.yaml:3:3: features: the feature orders \(orders\) of the profile in force is missing/);
    expect(bare.err).toContain('Profile not accepted. The profile does not fit.');
  });

  test('put says every mistake of the server as file:line:column, and as JSON', async () => {
    const as = commandLine(dependenciesOf(baseChecklist), {
      'holdpoint.yaml': profileFile(['cart'], 'observe: { no-such-check: 2026-05-01 }\nportz: 1\n'),
    });
    const put = await as('developer', 'profile', 'put', 'holdpoint.yaml');
    expect([put.code, put.out, put.err.split('\n')[0]]).toEqual([1, '', 'holdpoint.yaml:5:1: portz: there is no such member here']);
    expect((await as('developer', 'profile', 'put', 'holdpoint.yaml', '--json')).json()).toMatchObject({
      mistakes: [{ line: 5, column: 1 }],
    });
  });

  test('reject needs a reason and ends the proposal', async () => {
    const deps = dependenciesOf(baseChecklist);
    const as = commandLine(deps);
    const { profile } = (await as('developer', 'profile', 'put', 'holdpoint.yaml', '--json')).json() as { profile: string };
    expect((await as('technical-lead', 'profile', 'reject', profile)).err).toContain('--reason is missing');
    expect((await as('technical-lead', 'profile', 'reject', profile, '--reason', 'The paths are too wide.')).out).toBe(
      `Rejected: the profile ${profile.slice(0, 12)} of shop.\n`,
    );
    expect((await as('operations-lead', 'profile', 'approve', profile)).err).toContain(
      'Profile not registered. No open proposal of the service has this profile.',
    );
    expect((await as('operations-lead', 'profile', 'approve', profile.slice(0, 12))).err).toContain('no proposal is open for shop');
  });

  test('takes the service from the flag, or from holdpoint.yaml, and else asks for it', async () => {
    const as = commandLine(dependenciesOf(baseChecklist), {});
    expect((await as('auditor', 'profile', 'show')).err).toContain('--service is missing, and there is no holdpoint.yaml here');
    expect((await as('auditor', 'profile', 'show', '--service', 'mail')).out).toMatch(/^mail: no profile/);
    expect((await as('auditor', 'profile', 'show', '--service', 'shop', '--yaml')).out).toBe('# shop has no such profile\n');
    expect((await as('auditor', 'profile', 'show', '--service', 'shop', '--proposed')).code).toBe(2);
  });
});
