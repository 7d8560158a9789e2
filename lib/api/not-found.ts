import { type Refusal, refuse } from '../outcome.ts';
import { shown } from './problem.ts';
import { patternOf, routes } from './routes.ts';

/** A request that no route serves: 404, or 405 with the methods that the path allows. It reveals nothing beyond the public route table. */
export const unknownRoute = (method: string, path: string): { readonly refused: Refusal; readonly headers: Record<string, string> } => {
  const methods = [...new Set(routes.filter((route) => patternOf(route.path).test(path)).map((route) => route.method))];
  if (methods.length === 0 || methods.some((known) => known === method)) {
    const { refused } = refuse('route-unknown', 'No route has this path.', {
      got: shown(path),
      expected: 'a path that GET /v1/openapi.json lists',
      fix: 'Check the path.',
    });
    return { refused, headers: {} };
  }
  const { refused } = refuse('method-not-allowed', 'The path does not allow this method.', {
    got: shown(method),
    expected: methods.join(' or '),
    fix: 'Use one of these methods.',
  });
  return { refused, headers: { allow: methods.join(', ') } };
};
