import { expect, test } from 'vitest';
import { httpEventSchema, requestOf } from '../../lambdas/shell/http.ts';

const event = (more: object) =>
  httpEventSchema.parse({ rawPath: '/callback', requestContext: { requestId: 'r', http: { method: 'GET' } }, ...more });

test('cookies arrive apart, as API Gateway sends them', () => {
  expect(requestOf(event({ cookies: ['a=1', 'b=2'], headers: { accept: '*/*' } })).headers.get('cookie')).toBe('a=1; b=2');
});

test('cookies that were left in the header arrive, too', () => {
  expect(requestOf(event({ headers: { Cookie: 'a=1; b=2' } })).headers.get('cookie')).toBe('a=1; b=2');
});

test('cookies that come both ways are taken once', () => {
  expect(requestOf(event({ cookies: ['a=1'], headers: { cookie: 'a=1' } })).headers.get('cookie')).toBe('a=1');
});

test('a request without cookies has none', () => {
  expect(requestOf(event({})).headers.get('cookie')).toBeNull();
});
