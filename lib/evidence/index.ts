import * as z from 'zod';
import type { EvidenceType } from '../checklist/rule.ts';
import { type Outcome, refuse } from '../outcome.ts';
import { roleSchema } from '../roles.ts';
import { parseCyclonedx } from './cyclonedx.ts';
import type { AttestationFacts, Facts } from './facts.ts';
import { parseJunit } from './junit.ts';
import { parseLcov } from './lcov.ts';
import { parseLoad } from './load.ts';
import { parseOpenapi } from './openapi.ts';
import { parseSarif } from './sarif.ts';
import { parseSeries } from './series.ts';
import { jsonOf, unreadable } from './unreadable.ts';

export type { Facts } from './facts.ts';
export { readFacts } from './stored.ts';

const megabyte = 1024 * 1024;

type EvidenceKind = {
  readonly description: string;
  /** Content types that are accepted; `application/octet-stream` always is. */
  readonly contentTypes: readonly string[];
  readonly maxBytes: number;
  readonly parse: (bytes: Uint8Array) => Outcome<Facts>;
};

const attestation = z.strictObject({
  type: z.literal('attestation'),
  statement: z.string().regex(/^[0-9a-f]{64}$/),
  person: z.string().regex(/^p-[a-z0-9]{1,32}$/),
  role: roleSchema,
});

const parseAttestation = (bytes: Uint8Array): Outcome<AttestationFacts> => {
  const expected = '{ "type": "attestation", "statement": digest, "person", "role" }';
  const json = jsonOf(bytes, expected);
  if (json.refused) return json;
  const parsed = attestation.safeParse(json.ok);
  if (parsed.success) return { ok: parsed.data };
  return unreadable('The JSON is not an attestation.', {
    got: parsed.error.issues[0]?.message ?? '',
    expected,
    fix: 'Attest through the API.',
  });
};

const json = ['application/json'] as const;

/** Every evidence type: one entry, from which the API's routes, limits and documentation follow. */
export const evidenceTypes: Readonly<Record<EvidenceType, EvidenceKind>> = {
  junit: {
    description: 'Test results as JUnit XML',
    contentTypes: ['application/xml', 'text/xml'],
    maxBytes: 4 * megabyte,
    parse: parseJunit,
  },
  lcov: { description: 'Coverage as an LCOV tracefile', contentTypes: ['text/plain'], maxBytes: 4 * megabyte, parse: parseLcov },
  sarif: {
    description: 'Findings of a static analysis as SARIF 2.1.0',
    contentTypes: [...json, 'application/sarif+json'],
    maxBytes: 4 * megabyte,
    parse: parseSarif,
  },
  openapi: {
    description: "The API's OpenAPI 3 document as JSON",
    contentTypes: [...json, 'application/vnd.oai.openapi+json', 'application/openapi+json'],
    maxBytes: 2 * megabyte,
    parse: parseOpenapi,
  },
  cyclonedx: {
    description: "The artifact's CycloneDX bill of materials as JSON",
    contentTypes: [...json, 'application/vnd.cyclonedx+json'],
    maxBytes: 4 * megabyte,
    parse: parseCyclonedx,
  },
  load: { description: "A load test's result of autocannon or k6 as JSON", contentTypes: json, maxBytes: megabyte, parse: parseLoad },
  series: {
    description: "A probe's points over time (holdpoint.series/1) as JSON",
    contentTypes: json,
    maxBytes: 4 * megabyte,
    parse: parseSeries,
  },
  attestation: {
    description: "A person's word, given through the attestation route",
    contentTypes: json,
    maxBytes: 64 * 1024,
    parse: parseAttestation,
  },
};

export const isEvidenceType = (type: string): type is EvidenceType => Object.hasOwn(evidenceTypes, type);

/** Bytes to typed facts. Never throws: what cannot be read is a refusal. */
export const parseEvidence = (type: string, bytes: Uint8Array): Outcome<Facts> => {
  if (!isEvidenceType(type))
    return refuse('evidence-type-unknown', 'There is no such evidence type.', {
      got: type.slice(0, 60),
      expected: Object.keys(evidenceTypes).join(', '),
      fix: 'Use one of these types.',
    });
  const { maxBytes, parse } = evidenceTypes[type];
  if (bytes.byteLength > maxBytes) {
    return refuse('body-too-large', `A ${type} report may have ${maxBytes} bytes; larger uploads come later.`, {
      got: `${bytes.byteLength} bytes`,
      expected: `${maxBytes} bytes at most`,
      fix: 'Split the report by source, or leave out captured output.',
    });
  }
  if (bytes.byteLength === 0)
    return unreadable('The report is empty.', {
      got: '0 bytes',
      expected: evidenceTypes[type].description,
      fix: 'Send the file that the tool wrote.',
    });
  return parse(bytes);
};
