import * as z from 'zod';
import { digestSchema, instantSchema } from '../fields.ts';
import type { Outcome } from '../outcome.ts';
import { roleSchema } from '../roles.ts';
import { hasMembers } from './content.ts';
import { evidenceType } from './kind.ts';
import { jsonOf, unreadable } from './unreadable.ts';

const facts = z.strictObject({
  type: z.literal('attestation'),
  /** Salted digest of the person's own words, which are kept apart so that they can be erased. */
  statement: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('digest of the statement'),
  person: z
    .string()
    .regex(/^p-[a-z0-9]{1,32}$/)
    .describe('person'),
  role: roleSchema.describe('role'),
  /** Until when the person says that it holds. Absent: as long as the check takes it, and in facts of older versions. */
  validUntil: instantSchema.optional().describe('holds until'),
  /** What the person gave with it, as it is kept. */
  file: z
    .strictObject({
      digest: digestSchema.describe('digest'),
      bytes: z.int().min(1).describe('bytes'),
      mediaType: z.string().describe('media type'),
    })
    .optional()
    .describe('file'),
});
export type AttestationFacts = z.infer<typeof facts>;

export const attestation = evidenceType({
  id: 'attestation',
  description: 'A statement by a person of the required role, given through the attestation route',
  insteadOfUpload: 'Use POST /v1/runs/{run}/checks/{check}/attestations.',
  fileNames: [],
  mediaTypes: ['application/json'],
  maxBytes: 64 * 1024,
  facts,
  recognises: ({ json }) => hasMembers(json, 'type', 'statement') && json.type === 'attestation',
  fieldWords: ({ person, role, validUntil, file }) => ({
    person,
    role,
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(file === undefined ? {} : { file }),
  }),
  parse: (bytes) => parse(bytes),
  sample: 'attestation.json',
});

const expected = '{ "type": "attestation", "statement": digest, "person", "role" }';

const parse = (bytes: Uint8Array): Outcome<AttestationFacts> => {
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const parsed = facts.safeParse(json.ok);
  if (parsed.success) return { ok: parsed.data };
  return unreadable('The JSON is not an attestation.', {
    got: parsed.error.issues[0]?.message ?? '',
    expected,
    fix: 'Attest through the API.',
  });
};
