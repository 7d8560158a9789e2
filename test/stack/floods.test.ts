import { describe, expect, test } from 'vitest';
import { routes } from '../../lib/api/routes.ts';
import { type ThrottleKind, throttles } from '../../lib/api/throttle.ts';
import { functionNames } from '../../lib/lambda-manifest.ts';
import { resources } from './production-template.ts';
import { ofType, type Resource, realStage, resourcesOf, templatesOf } from './synthesised.ts';

const limitsOf = (kind: ThrottleKind) => ({ ThrottlingRateLimit: throttles[kind].rate, ThrottlingBurstLimit: throttles[kind].burst });

describe('the API', () => {
  test('lets each route have as much as its kind, and nothing through without a limit', () => {
    const [[, stage] = []] = ofType(resources, 'AWS::ApiGatewayV2::Stage');
    const { DefaultRouteSettings, RouteSettings } = (stage as Resource).Properties as {
      DefaultRouteSettings: object;
      RouteSettings: Readonly<Record<string, { ThrottlingRateLimit: number; ThrottlingBurstLimit: number }>>;
    };
    const made = ofType(resources, 'AWS::ApiGatewayV2::Route');
    expect(Object.keys(RouteSettings).sort()).toEqual(made.map(([, { Properties }]) => Properties.RouteKey).sort());
    for (const { method, path, throttle } of routes) expect([path, RouteSettings[`${method} ${path}`]]).toEqual([path, limitsOf(throttle)]);
    expect(RouteSettings.$default).toEqual(limitsOf('elsewhere'));
    expect(DefaultRouteSettings).toEqual(limitsOf('elsewhere'));
  });

  test('keeps what anybody may ask apart from what CI and people need', () => {
    const kindOf = (key: string): string | undefined => routes.find(({ method, path }) => `${method} ${path}` === key)?.throttle;
    expect(
      Object.fromEntries(
        [
          'GET /login',
          'HEAD /login',
          'GET /callback',
          'POST /logout',
          'GET /runs',
          'POST /approvals/{link}',
          'POST /v1/runs',
          'PUT /v1/runs/{run}/evidence/{type}',
          'POST /v1/runs/{run}/observations',
          'POST /v1/runs/{run}/checks/{check}/waivers',
          'GET /v1/runs/{run}/audit/events',
        ].map((key) => [key, kindOf(key)]),
      ),
    ).toEqual({
      'GET /login': 'sign-in',
      'HEAD /login': 'sign-in',
      'GET /callback': 'sign-in',
      'POST /logout': 'sign-in',
      'GET /runs': 'pages',
      'POST /approvals/{link}': 'pages',
      'POST /v1/runs': 'ci',
      'PUT /v1/runs/{run}/evidence/{type}': 'ci',
      'POST /v1/runs/{run}/observations': 'ci',
      'POST /v1/runs/{run}/checks/{check}/waivers': 'people',
      'GET /v1/runs/{run}/audit/events': 'reading',
    });
    expect(throttles['sign-in'].rate).toBeLessThan(throttles.ci.rate);
    expect(throttles.ci.burst).toBeGreaterThanOrEqual(256);
  });
});

describe('reserved executions', () => {
  const reservedBy = (stage: typeof realStage) => {
    const made = resourcesOf(templatesOf(stage).app);
    return Object.fromEntries(
      functionNames.flatMap((name) => {
        const id = ofType(made, 'AWS::Lambda::Function').find(([one]) => one.startsWith(`${name.replaceAll('-', '')}Function`));
        const reserved = id?.[1].Properties.ReservedConcurrentExecutions;
        return reserved === undefined ? [] : [[name, reserved]];
      }),
    );
  };

  // A deployment that reserves any fails in a new account.
  test('are none unless the stage asks for them', () => {
    expect(reservedBy(realStage)).toEqual({});
  });

  test('are for the functions that settle gates only', () => {
    expect(reservedBy({ ...realStage, reservedExecutions: 5 })).toEqual({ 'gate-opener': 5, 'event-reconciler': 5, 'event-sweep': 5 });
  });
});
