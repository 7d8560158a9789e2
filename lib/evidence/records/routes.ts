import * as z from 'zod';
import { list, recordKind, text } from './kind.ts';

const route = z.strictObject({ method: z.string().regex(/^[A-Z]{3,10}$/), path: text });

export const routes = recordKind({
  id: 'routes',
  description: 'The routes that the service serves, beside those that its OpenAPI document has',
  schema: z.strictObject({ served: list(route), documented: list(route) }),
  limits: { minRoutes: { of: 'routes', is: 'least', bound: { least: 1 } } },
  content: ({ served, documented }) => {
    const known = new Set(documented.map(keyOf));
    const real = new Set(served.map(keyOf));
    return {
      items: served.length,
      figures: { routes: real.size, documented: known.size },
      faults: [
        ...[...real].filter((one) => !known.has(one)).map((one) => `${one} is served and not documented`),
        ...[...known].filter((one) => !real.has(one)).map((one) => `${one} is documented and not served`),
      ],
    };
  },
});

/** The names of path parameters do not matter: `/orders/{id}` and `/orders/:order` are one route. */
const keyOf = ({ method, path }: z.output<typeof route>): string =>
  `${method} ${path.replace(/\{[^}/]*\}|(?<=\/):[^/]+/g, '{}').replace(/(?<=.)\/+$/, '')}`;
