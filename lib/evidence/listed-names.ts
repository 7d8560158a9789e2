import { sha256 } from '../canonical-json.ts';

/**
 * Names by which a profile and evidence call the same thing, in one form. Facts hold digests of them: a document has thousands of operations, and
 * the names that a check asks for stand in its rule.
 */

/**
 * "GET /orders/{}". The case of the method, a slash at the end and the names of path parameters do not matter: `/orders/{id}`, `/orders/:order`
 * and `/orders/<int:order>` are one path.
 */
export const endpointKey = (method: string, path: string): string =>
  `${method.toUpperCase()} ${path
    .replace(/[?#].*$/s, '')
    .replace(/\{[^{}/]*\}|<[^<>/]*>|(?<=\/):[^/]+/g, '{}')
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/+$/, '')}`;

/** Of "GET /orders/{id}". */
export const keyOfEndpoint = (name: string): string => {
  const [method = '', ...path] = name.trim().split(/\s+/);
  return endpointKey(method, path.join(' '));
};

/** "Order API" and "order-api" are one name. */
export const bareName = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

/** Hexadecimal digits of a digest that facts keep. */
const digits = 12;
/** Facts stay below 64 KB: so many names of a document or record at most. */
const mostListed = 3500;
export const nameDigest = (key: string): string => sha256(key).slice(0, digits);
/** The digests of some names, sorted; undefined where there are more than facts may hold. */
export const nameDigests = (keys: readonly string[]): string[] | undefined => {
  const digests = new Set(keys.map(nameDigest));
  return digests.size > mostListed ? undefined : [...digests].sort();
};

/** A longer path is in no profile. */
const longestPath = 400;
/** Servers of an operation; nobody lists more that differ in their path. */
const mostServers = 10;

/** The forms of an operation's name: its path, and the path below each of its servers. `servers`: those of OpenAPI, as they stand in the document. */
export const operationKeys = (method: string, path: string, servers: unknown): readonly string[] =>
  path.length > longestPath ? [] : [...new Set(['', ...basePathsOf(servers)])].map((base) => endpointKey(method, `${base}${path}`));

const basePathsOf = (servers: unknown): readonly string[] =>
  (Array.isArray(servers) ? servers.slice(0, mostServers) : []).flatMap((server: unknown) => {
    const { url, variables } = typeof server === 'object' && server !== null ? (server as Record<string, unknown>) : {};
    if (typeof url !== 'string' || url.length > longestPath) return [];
    const plain = url.replace(/\{([^{}]*)\}/g, (_, name: string) => defaultOf(variables, name));
    return URL.canParse(plain, 'http://localhost/') ? [new URL(plain, 'http://localhost/').pathname.replace(/\/$/, '')] : [];
  });

const defaultOf = (variables: unknown, name: string): string => {
  const known = typeof variables === 'object' && variables !== null && Object.hasOwn(variables, name);
  const variable: unknown = known ? (variables as Record<string, unknown>)[name] : undefined;
  const value: unknown = typeof variable === 'object' && variable !== null ? (variable as Record<string, unknown>).default : undefined;
  return typeof value === 'string' ? value.slice(0, longestPath) : '';
};
