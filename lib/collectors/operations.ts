import { excerpt } from '../canonical-json.ts';
import { isBelow } from '../checklist/permitted-addresses.ts';
import { leadingHeaders } from '../checklist/probe.ts';
import type { OpenapiTarget } from '../checklist/targets.ts';
import { mostProbes, type ProbeTry } from '../evidence/probes.ts';
import { jsonOf, textOf } from '../evidence/unreadable.ts';
import { yamlOf } from '../evidence/yaml.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { type DialDependencies, dial } from './dial.ts';
import { type DocumentOperation, operationsOf, type Parameter } from './openapi-document.ts';
import { type Permitted, type Probed, probed } from './probe.ts';

/** Bytes of a document that is fetched. */
const mostDocumentBytes = 2 * 1024 * 1024;
const documentTimeoutMs = 10_000;
const mostOperations = 500;
/** All operations together: what is not asked by then is not probed. */
const allMs = 120_000;
const atOnce = 4;

/** The document that the configuration names. */
export const fetchDocument = async (
  deps: DialDependencies,
  { url, headers, within }: Pick<OpenapiTarget, 'headers' | 'within'> & { readonly url: string },
  { privateAddresses }: Permitted,
): Promise<Outcome<Uint8Array>> => {
  const request = { url, method: 'GET', headers, timeoutMs: documentTimeoutMs, maxBytes: mostDocumentBytes, privateAddresses, within };
  const answer = await dial(deps, request);
  if ('failed' in answer) return unread(answer.failed);
  if (answer.status !== 200) return unread(`status ${answer.status}`);
  return answer.truncated ? unread(`more than ${mostDocumentBytes} bytes`) : { ok: answer.body };
};

/** The operations of a document as JSON or YAML. */
export const readOperations = (bytes: Uint8Array): Outcome<readonly DocumentOperation[]> => {
  const expected = 'an OpenAPI 3 document as JSON or YAML';
  const text = textOf(bytes, expected);
  if (text.refused) return text;
  const document = text.ok.trimStart().startsWith('{') ? jsonOf(bytes, expected) : yamlOf(text.ok, expected);
  if (document.refused) return document;
  const operations = operationsOf(document.ok);
  return operations === undefined ? unread('it is no OpenAPI 3 document') : { ok: operations };
};

const unread = (why: string) =>
  refuse('evidence-unreadable', `The OpenAPI document cannot be used: ${excerpt(why, 150)}`, {
    fix: 'Send it as evidence, or name its URL.',
  });

/**
 * Calls each operation once. One that cannot be called is listed as not probed, never as passed. Of a document with more operations than a
 * report holds the first ones are listed, among them some that are not probed.
 */
export const probeOperations = async (
  deps: DialDependencies,
  documented: readonly DocumentOperation[],
  target: OpenapiTarget,
  permitted: Permitted,
): Promise<readonly Probed[]> => {
  const operations = documented.slice(0, mostProbes);
  const until = deps.clock.now().getTime() + allMs;
  const done: Probed[] = [];
  for (let place = 0; place < operations.length; place += atOnce) {
    const some = operations.slice(place, place + atOnce);
    const left = place >= mostOperations ? `Holdpoint calls ${mostOperations} operations at most` : undefined;
    const late = deps.clock.now().getTime() >= until ? 'there was no time left for it' : undefined;
    const calls = some.map((operation) => call(deps, operation, target, { ...permitted, skipped: left ?? late }));
    done.push(...(await Promise.all(calls)));
  }
  return done;
};

const call = async (
  deps: DialDependencies,
  operation: DocumentOperation,
  target: OpenapiTarget,
  { skipped, ...permitted }: Permitted & { readonly skipped: string | undefined },
): Promise<Probed> => {
  const { id, method, path } = operation;
  const shown = { id, method: method as 'GET', url: '', critical: false };
  const why = skipped ?? whyNotCalled(operation, target, permitted);
  const prepared = why === undefined ? requestOf(operation, target) : { missing: why };
  if ('missing' in prepared) return { ...probed(shown, { mode: 'every', needed: 1, skipped: prepared.missing }), path };
  const began = deps.clock.now().getTime();
  const answer = await dial(deps, {
    ...prepared,
    method,
    timeoutMs: target.maxMs,
    privateAddresses: permitted.privateAddresses,
    within: target.within,
    unfollowed: operation.statuses.map(Number),
  });
  const ms = Math.max(0, deps.clock.now().getTime() - began);
  if (!('failed' in answer) && operation.secured && (answer.status === 401 || answer.status === 403))
    return { ...probed(shown, { mode: 'every', needed: 1, skipped: `it demands credentials: status ${answer.status}` }), path };
  const flaw = 'failed' in answer ? answer.failed : flawOf(operation, answer.status);
  const made: ProbeTry = { ms, status: 'failed' in answer ? null : answer.status, ok: flaw === undefined, why: flaw ?? null };
  return { ...probed(shown, { mode: 'every', needed: 1, tries: [made] }), path };
};

const whyNotCalled = (
  { id, method, needsBody }: DocumentOperation,
  { requests }: OpenapiTarget,
  { staging }: Permitted,
): string | undefined => {
  const request = Object.hasOwn(requests, id) ? requests[id] : undefined;
  if (method !== 'GET' && method !== 'HEAD' && request === undefined && !staging)
    return `a request of ${method} may change something, and the stage file names no safe one`;
  return needsBody && request?.body === undefined ? 'it needs a body, and the stage file has none' : undefined;
};

type Prepared = { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body?: string };

const requestOf = (operation: DocumentOperation, target: OpenapiTarget): Prepared | { readonly missing: string } => {
  const { id, path, parameters } = operation;
  const given = Object.hasOwn(target.examples, id) ? (target.examples[id] ?? {}) : {};
  const exampleOf = ({ name, example }: Parameter): string | undefined => (Object.hasOwn(given, name) ? String(given[name]) : example);
  const missing = parameters.find((parameter) => parameter.required && !exampleOf(parameter));
  if (missing !== undefined) return { missing: `there is no example of the ${missing.in} parameter ${excerpt(missing.name, 60)}` };
  const dots = parameters.find((parameter) => parameter.in === 'path' && /^\.{1,2}$/.test(exampleOf(parameter) ?? ''));
  if (dots !== undefined) return { missing: `the example of ${excerpt(dots.name, 60)} would lead to another path` };
  const base = target.base.replace(/\/$/, '');
  const url = new URL(`${base}${filled(path, parameters, exampleOf)}`);
  // The document may come from CI, which must not lead the headers of the stage file to another place of the host.
  if (!isBelow(url, base)) return { missing: 'its path leads out of the base' };
  const headers: Record<string, string> = { ...target.headers };
  for (const parameter of parameters) {
    const value = exampleOf(parameter);
    // Examples of optional parameters may contradict each other, so only those that the stage file gives are sent.
    if (value === undefined || !(parameter.required || Object.hasOwn(given, parameter.name))) continue;
    if (parameter.in === 'query') url.searchParams.set(parameter.name, value);
    if (parameter.in === 'header' && mayBeSent(parameter.name, target) && !/[\r\n]/.test(value)) headers[parameter.name] = value;
  }
  const request = Object.hasOwn(target.requests, id) ? target.requests[id] : undefined;
  if (request?.body === undefined) return { url: url.href, headers };
  return { url: url.href, headers: { ...headers, 'content-type': request.contentType }, body: request.body };
};

/** What says how a request travels or who sends it, which no document decides. The first three are no parameters by OpenAPI 3 itself. */
const ownHeaders: readonly string[] = ['accept', 'content-type', 'authorization', 'cookie', ...leadingHeaders];

const mayBeSent = (name: string, { headers = {} }: OpenapiTarget): boolean =>
  ![...ownHeaders, ...Object.keys(headers).map((own) => own.toLowerCase())].includes(name.toLowerCase());

/** A value stays one segment of the path. */
const filled = (path: string, parameters: readonly Parameter[], exampleOf: (parameter: Parameter) => string | undefined): string =>
  parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((made, parameter) => made.replaceAll(`{${parameter.name}}`, () => encodeURIComponent(exampleOf(parameter) ?? '')), path);

/** A documented answer that is no error. */
const flawOf = ({ statuses }: DocumentOperation, status: number): string | undefined => {
  if (status >= 400) return `status ${status}`;
  const isDocumented = statuses.some(
    (one) => one === String(status) || one.toUpperCase() === `${Math.floor(status / 100)}XX` || one === 'default',
  );
  return isDocumented ? undefined : `status ${status}, which the document does not describe`;
};
