import * as z from 'zod';
import { endpointKey } from '../listed-names.ts';
import { faultsOf, list, type RecordPart, recordKind, text } from './kind.ts';

const route = z.strictObject({ method: z.string().regex(/^[A-Z]{3,10}$/), path: text });

export const routes = recordKind({
  id: 'routes',
  description: 'The routes that the service serves, beside those that its OpenAPI document has',
  schema: z.strictObject({ served: list(route), documented: list(route) }),
  limits: { minRoutes: { of: 'routes', name: 'routes', is: 'least', bound: { least: 1 } } },
  content: ({ served, documented }) => {
    const known = new Set(documented.map(keyOf));
    const real = new Set(served.map(keyOf));
    const parts = [...new Set([...real, ...known])].map((one): RecordPart => {
      const fault = !known.has(one) ? 'is served and not documented' : !real.has(one) ? 'is documented and not served' : null;
      return { kind: 'endpoint', id: one, fault: fault === null ? null : `${one} ${fault}` };
    });
    return {
      items: served.length,
      figures: { routes: real.size, documented: known.size },
      faults: faultsOf(parts),
      parts,
      named: [...real],
    };
  },
});

const keyOf = ({ method, path }: z.output<typeof route>): string => endpointKey(method, path);
