import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../lib/api/document.ts';
import { maxEvidenceBytes } from '../../lib/api/parameters.ts';
import type { Io } from '../../lib/cli/io.ts';
import { run } from '../../lib/cli/main.ts';
import { mostStreamed } from '../../lib/evidence/kind.ts';
import { evidenceTypes, typesOfFile, uploadedTypes } from '../../lib/registry/evidence.ts';
import { sampleOf } from '../samples.ts';
import { types } from './parsed.ts';

const uploaded = uploadedTypes.map(({ id }) => id);

describe('every evidence type', () => {
  test.each(types)('%s: its sample fits its own limit and has a name that fits this type only', (type) => {
    const { sample, maxBytes, insteadOfUpload } = evidenceTypes[type];
    expect(sampleOf(type).byteLength).toBeLessThanOrEqual(maxBytes);
    expect(typesOfFile(sample)).toEqual(insteadOfUpload === undefined ? [type] : []);
  });

  test.each(types)('%s: the API accepts the size and the media types', (type) => {
    // Larger ones are uploaded.
    expect([maxEvidenceBytes, mostStreamed]).toContain(Math.max(maxEvidenceBytes, evidenceTypes[type].maxBytes));
    for (const mediaType of evidenceTypes[type].mediaTypes) expect(mediaType).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
  });
});

describe('a file name', () => {
  test.each([
    ['junit', ['junit.xml', 'unit.junit.xml', 'TEST-shop.OrderTest.xml', 'test-results.xml', 'report.xml', 'JUnit-5.XML', 'rspec_api.xml']],
    ['tap', ['node.tap', 'results.tap']],
    ['lcov', ['lcov.info', 'web.lcov']],
    ['cobertura', ['coverage.xml', 'cobertura.xml', 'cobertura-coverage.xml', 'coverage.cobertura.xml']],
    ['jacoco', ['jacoco.xml', 'jacocoTestReport.xml']],
    ['sarif', ['secretlint.sarif', 'gitleaks.sarif.json']],
    ['openapi', ['openapi.json', 'shop-openapi-v1.json', 'swagger.json', 'openapi.yaml', 'swagger.yml']],
    ['cyclonedx', ['bom.json', 'sbom.json', 'web.cdx.json', 'sbom.cdx.json', 'cyclonedx-web.json', 'bom.xml', 'web.cdx.xml']],
    ['load', ['load.json', 'peak-load-test.json']],
    ['k6', ['k6-summary.json']],
    ['autocannon', ['autocannon.json']],
    ['artillery', ['artillery.json', 'peak-artillery.json']],
    ['gitleaks', ['gitleaks.json', 'gitleaks-report.json']],
    ['npm-audit', ['npm-audit.json', 'audit.json']],
    ['trivy', ['trivy.json', 'web.trivy.json']],
    ['zap', ['zap.json', 'zap-baseline.json']],
    ['spdx', ['shop.spdx.json', 'shop.spdx', 'sbom.spdx.json']],
    ['series', ['series.json', 'soak-series.json']],
    ['prometheus', ['prometheus.json', 'soak-prometheus.json']],
    ['cloudwatch', ['cloudwatch.json', 'cloudwatch-soak.json']],
  ])('fits %s', (type, names) => {
    for (const name of names) expect(typesOfFile(name), name).toEqual([type]);
  });

  test.each(['clover.xml', 'phpunit.xml', 'payload.json', 'junit.xml.gz', 'attestation.json'])('fits no type: %s', (name) => {
    expect(typesOfFile(name)).toEqual([]);
  });
});

describe('holdpoint evidence', () => {
  const calling = () => {
    const written = { out: '', err: '', urls: [] as string[] };
    const io: Io = {
      env: { HOLDPOINT_URL: 'https://holdpoint.test', HOLDPOINT_TOKEN: 'x' },
      out: (text) => {
        written.out += text;
      },
      err: (text) => {
        written.err += text;
      },
      coloured: false,
      columns: undefined,
      fetch: async (url) => {
        written.urls.push(String(url));
        throw new TypeError('the server does not answer');
      },
      readFile: async () => new Uint8Array([1]),
      pieces: () => {
        throw new Error('nothing here is large');
      },
      writeFile: async () => {},
      entryOf: async () => ({ kind: 'file', bytes: 12, modifiedAt: new Date('2026-03-02T07:30:00.000Z'), version: '1' }),
      interrupted: () => new AbortController().signal,
      execute: async () => 0,
      output: async () => ({ code: 0, text: '' }),
      appendFile: async () => {},
      now: () => new Date('2026-03-02T08:00:00Z'),
      sleep: async () => {},
      local: async () => undefined,
    };
    return { io, written };
  };
  const args = (file: string, ...more: string[]) => ['evidence', 'r1', file, '--commit', 'c'.repeat(40), ...more];

  test('refuses a name that fits no type, and lists the types', async () => {
    const { io, written } = calling();
    expect(await run(args('target/clover.xml'), io)).toBe(2);
    expect(written.err).toContain(`the file name clover.xml fits no evidence type: add --type ${uploaded.join('|')}`);
    expect(written.urls).toEqual([]);
  });

  test('refuses a name that fits several types, and lists these', async () => {
    const { io, written } = calling();
    expect(await run(args('openapi-k6.json'), io)).toBe(2);
    expect(written.err).toContain('fits several evidence types: add --type openapi or --type k6');
    expect(await run(args('openapi-k6.json', '--type', 'k6'), io)).toBe(3);
    expect(written.urls[0]).toContain('/v1/runs/r1/evidence/k6?');
  });

  test('recognises a report by its name, not by its folder', async () => {
    const { io, written } = calling();
    expect(await run(args('load/junit.xml'), io)).toBe(3);
    expect(written.urls[0]).toContain('/v1/runs/r1/evidence/junit?');
  });

  test('its help has every type with its file names', async () => {
    const { io, written } = calling();
    expect(await run(['evidence', '--help'], io)).toBe(0);
    for (const { id, description, fileNames } of uploadedTypes)
      for (const text of [id, description, ...fileNames]) expect(written.out).toContain(text);
  });
});

test('the OpenAPI document lists the types that can be uploaded', () => {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument())) as {
    paths: Record<string, Record<string, { parameters: { name: string; description?: string; schema: { enum?: string[] } }[] }>>;
  };
  const parameter = paths['/v1/runs/{run}/evidence/{type}']?.put?.parameters.find(({ name }) => name === 'type');
  expect(parameter?.schema.enum).toEqual(uploaded);
  expect(parameter?.description).toContain(
    '`junit`: Test results as JUnit XML (application/xml, text/xml; 52428800 bytes at most, over 4194304 by an upload).',
  );
});
