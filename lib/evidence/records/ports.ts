import * as z from 'zod';
import { bareName } from '../listed-names.ts';
import { least, list, most, recordKind, repeated, text } from './kind.ts';

const port = z.int().min(1).max(65_535);
/** First and last port. */
const range = z.tuple([port, port]);

export const ports = recordKind({
  id: 'ports',
  description: 'Ports of the services, and which of the probed ones are open',
  schema: z.strictObject({
    /** The ports that may be open, by the configuration of the service. */
    allowed: list(range),
    /** What was probed from outside. */
    probed: list(range),
    open: list(z.strictObject({ host: text, port })),
    /** Which service listens where. */
    services: list(z.strictObject({ name: text, host: text, port })),
  }),
  limits: {
    /** Of ports that may be open, probing proves nothing about the firewall. */
    minProbed: {
      of: 'mustBeClosed',
      name: 'ports that were probed and must be closed',
      is: 'least',
      bound: { least: 1 },
    },
    minServices: { of: 'services', name: 'services', is: 'least', bound: {} },
    minPort: { of: 'lowestPort', name: 'lowest port', is: 'least', bound: {} },
    maxPort: { of: 'highestPort', name: 'highest port', is: 'most', bound: {} },
    minAllowedPort: { of: 'lowestAllowedPort', name: 'lowest port that may be open', is: 'least', bound: {} },
    maxAllowedPort: { of: 'highestAllowedPort', name: 'highest port that may be open', is: 'most', bound: {} },
  },
  content: ({ allowed, probed, open, services }) => {
    const [mayBeOpen, wasProbed] = [portsOf(allowed), portsOf(probed)];
    const openAt = new Set(open.map((one) => `${one.host}:${one.port}`));
    return {
      items: services.length + open.length,
      named: services.map(({ name }) => bareName(name)),
      figures: {
        probed: wasProbed.size,
        mustBeClosed: [...wasProbed].filter((one) => !mayBeOpen.has(one)).length,
        open: open.length,
        services: services.length,
        lowestPort: least(services.map((one) => one.port)),
        highestPort: most(services.map((one) => one.port)),
        lowestAllowedPort: least([...mayBeOpen]),
        highestAllowedPort: most([...mayBeOpen]),
      },
      faults: [
        ...open.filter((one) => !mayBeOpen.has(one.port)).map((one) => `${one.host}:${one.port} is open and not allowed`),
        ...open.filter((one) => !wasProbed.has(one.port)).map((one) => `${one.host}:${one.port} is said to be open, and was not probed`),
        ...services
          .filter((one) => !mayBeOpen.has(one.port))
          .map(({ name, port: at }) => `${name}: port ${at} is not among the allowed ones`),
        ...services
          .filter((one) => !wasProbed.has(one.port))
          .map(({ name, port: at }) => `${name}: port ${at} was not probed, so nobody knows whether it listens there`),
        ...services
          .filter((one) => wasProbed.has(one.port) && !openAt.has(`${one.host}:${one.port}`))
          .map(({ name, port: at }) => `${name}: port ${at} is closed`),
        ...repeated(services.map((one) => `${one.host}:${one.port}`)).map((place) => `${place} is given to several services`),
      ],
    };
  },
});

/** The ports of all ranges; an empty range, whose end is before its start, has none. */
const portsOf = (ranges: readonly (readonly [number, number])[]): ReadonlySet<number> => {
  const ports = new Set<number>();
  let end = 0;
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    for (let one = Math.max(from, end + 1); one <= to; one += 1) ports.add(one);
    end = Math.max(end, to);
  }
  return ports;
};
