import { type Refusal, refuse } from '../outcome.ts';
import { shown } from './problem.ts';
import { patternOf, routes } from './routes.ts';

/** What no route takes: 404, or 405 with what the path does allow. Says nothing that the public route table does not say. */
export const unknownRoute = (method: string, path: string): { readonly refused: Refusal; readonly headers: Record<string, string> } => {
  const methods = [...new Set(routes.filter((route) => patternOf(route.path).test(path)).map((route) => route.method))];
  if (methods.length === 0 || methods.some((known) => known === method)) {
    const { refused } = refuse('route-unknown', 'There is no such route.', {
      got: shown(path),
      expected: 'a path of GET /v1/openapi.json',
      fix: 'Check the address.',
    });
    return { refused, headers: {} };
  }
  const { refused } = refuse('method-not-allowed', 'The route does not take this method.', {
    got: shown(method),
    expected: methods.join(' or '),
    fix: 'Use one of these methods.',
  });
  return { refused, headers: { allow: methods.join(', ') } };
};
