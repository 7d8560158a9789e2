import { operations } from '../../lib/api/contract.ts';
import { type Api, createApi, mount } from '../../lib/api/mount.ts';
import { tooLarge } from '../../lib/api/parse.ts';
import { shown } from '../../lib/api/problem.ts';
import { evidenceTypes } from '../../lib/evidence/index.ts';
import { type Refusal, refuse } from '../../lib/outcome.ts';
import type { World } from '../../lib/ports.ts';
import { reportDeployment } from '../../lib/run/deployment.ts';
import { recordEvidence } from '../../lib/run/evidence.ts';
import { startRun } from '../../lib/run/start.ts';

export type CiWorld = Pick<World, 'clock' | 'random' | 'trail' | 'evidence' | 'people' | 'index' | 'due' | 'workflow' | 'settler' | 'idempotency' | 'roster' | 'definitions' | 'stage'>;

/** What pipelines may do: start runs, send reports, report deployments. */
export const ciApi = (world: CiWorld): Api => {
  const api = createApi();
  mount(api, operations.startRun, world, ({ body, caller }) => startRun(world, body, caller));
  mount(api, operations.recordEvidence, world, async ({ params, query, body, caller }) => {
    const no = notReadable(params.type, body);
    return no === undefined ? recordEvidence(world, { ...query, ...params, ...body }, caller) : { refused: no };
  });
  mount(api, operations.reportDeployment, world, ({ params, body, caller }) => reportDeployment(world, { ...params, ...body }, caller));
  return api;
};

/** The type's own content types and limit, before anything is read. */
const notReadable = (type: string, body: { readonly bytes: Uint8Array; readonly contentType: string }): Refusal | undefined => {
  const known = Object.hasOwn(evidenceTypes, type) ? evidenceTypes[type as keyof typeof evidenceTypes] : undefined;
  if (known === undefined) {
    return refuse('evidence-type-unknown', 'There is no such evidence type.', { got: shown(type), expected: `one of ${Object.keys(evidenceTypes).join(', ')}`, fix: 'Name one of these types.' }).refused;
  }
  const accepted: readonly string[] = known.contentTypes;
  if (body.contentType !== 'application/octet-stream' && !accepted.includes(body.contentType)) {
    return refuse('content-type', `A report of type ${type} has another content type.`, { got: shown(body.contentType), expected: `${accepted.join(' or ')}, or application/octet-stream`, fix: 'Send the report with one of these content types.' }).refused;
  }
  return body.bytes.length > known.maxBytes ? tooLarge(body.bytes.length, known.maxBytes, true) : undefined;
};
