import type { Platforms, Reply } from '../../lib/actuators/ports.ts';

type Alias = { version: string; split: boolean; revision: number };

/** Platforms in memory. `calls` has what changed something; `next` are replies that come before anything is done, in order. */
export type FakePlatforms = Platforms & {
  readonly calls: string[];
  readonly next: Reply<never>[];
  readonly aliasesOf: Map<string, Alias>;
  /** Digests of code by `function:version`. */
  readonly code: Map<string, string>;
  readonly services: Platforms['services'];
  readonly servicesOf: Map<string, { taskDefinition: string; deployedAt: string }>;
  /** What the functions answer, by name. */
  readonly answers: Map<string, unknown>;
  readonly requests: { readonly name: string; readonly request: object }[];
  readonly events: Parameters<Platforms['bus']['put']>[0][];
};

export const fakePlatforms = (now: () => Date = () => new Date('2026-03-02T12:00:00.000Z')): FakePlatforms => {
  const calls: string[] = [];
  const next: Reply<never>[] = [];
  const aliasesOf = new Map<string, Alias>();
  const code = new Map<string, string>();
  const servicesOf = new Map<string, { taskDefinition: string; deployedAt: string }>();
  const answers = new Map<string, unknown>();
  const requests: FakePlatforms['requests'] = [];
  const events: FakePlatforms['events'] = [];
  const missing = (what: string): Reply<never> => ({ refused: `there is no ${what}` });
  return {
    calls,
    next,
    aliasesOf,
    code,
    servicesOf,
    answers,
    requests,
    events,
    aliases: {
      read: async (_place, name, alias) => {
        const found = aliasesOf.get(`${name}:${alias}`);
        return next.shift() ?? (found ? { ok: { ...found, revision: `r${found.revision}` } } : missing(`alias ${alias}`));
      },
      digestOf: async (_place, name, version) => {
        const found = code.get(`${name}:${version}`);
        return next.shift() ?? (found === undefined ? missing(`version ${version}`) : { ok: found });
      },
      point: async (place, name, alias, { version, revision }) => {
        const found = aliasesOf.get(`${name}:${alias}`);
        const first = next.shift();
        if (first !== undefined) return first;
        if (found === undefined) return missing(`alias ${alias}`);
        if (revision !== `r${found.revision}`) return { busy: 'PreconditionFailedException' };
        Object.assign(found, { version, split: false, revision: found.revision + 1 });
        calls.push(`${place.role === undefined ? '' : `${place.role} `}${name}:${alias} -> ${version}`);
        return { ok: null };
      },
    },
    services: {
      read: async (_place, cluster, service) => {
        const found = servicesOf.get(`${cluster}/${service}`);
        return next.shift() ?? (found ? { ok: { ...found } } : missing(`service ${service}`));
      },
      deploy: async (_place, cluster, service, taskDefinition) => {
        const first = next.shift();
        if (first !== undefined) return first;
        const found = servicesOf.get(`${cluster}/${service}`);
        if (found === undefined) return missing(`service ${service}`);
        Object.assign(found, { taskDefinition: taskDefinition ?? found.taskDefinition, deployedAt: now().toISOString() });
        calls.push(`${cluster}/${service} -> ${taskDefinition ?? 'new deployment'}`);
        return { ok: null };
      },
    },
    functions: {
      invoke: async (_place, name, request) => {
        const first = next.shift();
        if (first !== undefined) return first;
        requests.push({ name, request });
        return answers.has(name) ? { ok: answers.get(name) } : missing(`function ${name}`);
      },
    },
    bus: {
      put: async (event) => {
        const first = next.shift();
        if (first !== undefined) return first;
        events.push(event);
        return { ok: null };
      },
    },
  };
};
