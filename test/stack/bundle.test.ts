import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../lib/api/document.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { checklistDigest, checklistSchema } from '../../lib/checklist/definition.ts';
import { checklistFor } from '../../lib/checklist/stage-checklist.ts';
import { scriptFile } from '../../lib/console-script.ts';
import { seriesJsonSchema } from '../../lib/evidence/published-schemas.ts';
import { type FunctionName, factsOf, functionNames } from '../../lib/lambda-manifest.ts';
import { evidenceTypes } from '../../lib/registry/evidence.ts';
import { typeFacts } from '../../lib/registry/evidence-types.ts';
import { bundleAll, bundleFile, codeFiles, measureBundles, showing, startFiles } from '../../lib/stack/bundle.ts';
import { calledMethods, namedErrors, plainNames, withoutJsonSchema } from '../../lib/stack/slim-dependencies.ts';
import { withoutWords } from '../../lib/stack/wordless.ts';
import { classify } from './error-classification.ts';
import { localStage, realStage } from './synthesised.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bundle-test-'));
beforeAll(() => bundleAll(realStage, folder), 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All code of a function: what a start loads, and what it may load later. */
const codeOf = (name: FunctionName, of = folder): string =>
  codeFiles(join(of, name))
    .map((file) => readFileSync(join(of, name, file), 'utf8'))
    .join('\n');
const carrying = (text: string | RegExp): FunctionName[] => functionNames.filter((name) => codeOf(name).search(text) !== -1).sort();

/** A function of the API may have 1.2 MB in all, any other one loads 500 KB. */
const mostBytes = (name: FunctionName): number => (name.startsWith('api-') ? 1_200_000 : 500_000);

describe('bundles', () => {
  test('stay within their limits, and are imported by this Node', () => {
    const measured = measureBundles(folder);
    for (const name of functionNames) {
      const { bundleLimit, onDemandLimit = 0 } = factsOf(name);
      const { bytes, onDemand, importMs } = measured[name];
      expect([name, bytes <= bundleLimit, onDemand <= onDemandLimit]).toEqual([name, true, true]);
      expect(importMs).toBeGreaterThan(0);
      // What may be loaded later counts in the API's limit, too.
      expect([name, bundleLimit + (name.startsWith('api-') ? onDemandLimit : 0)]).toSatisfy(([, most]) => most <= mostBytes(name));
    }
  }, 60_000);

  test('count what a start loads apart from what is loaded later', () => {
    const measured = measureBundles(folder);
    for (const name of functionNames) {
      const isParted = factsOf(name).onDemandLimit !== undefined;
      expect([name, codeFiles(join(folder, name)).length > 1, measured[name].onDemand > 50_000]).toEqual([name, isParted, isParted]);
      const whole = measured[name].bytes + measured[name].onDemand;
      expect(Buffer.byteLength(codeOf(name))).toBe(whole + codeFiles(join(folder, name)).length - 1);
    }
  }, 60_000);

  test('are imported by the Node that Lambda has, with everything that they load later', () => {
    const files = functionNames.map((name) => [name, codeFiles(join(folder, name)).filter((file) => file !== 'index.mjs')]);
    const script = `for (const [name, later] of ${JSON.stringify(files)}) {
      for (const file of later) await import(\`${folder}/\${name}/\${file}\`);
      console.log(name, typeof (await import(\`${folder}/\${name}/index.mjs\`)).handler);
    }`;
    const said = execFileSync('npx', ['-y', '-p', 'node@24.21.0', 'node', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(said.trim().split('\n')).toEqual(functionNames.map((name) => `${name} function`));
  }, 60_000);

  test.each(functionNames)('%s has the stage beside it, without its people', (name) => {
    const { roster: _, ...deployed } = realStage;
    expect(JSON.parse(readFileSync(join(folder, name, 'stage.json'), 'utf8'))).toEqual(deployed);
  });

  test.each(functionNames)('%s has the definition beside it, as this code writes it', (name) => {
    const carried = checklistSchema.parse(JSON.parse(readFileSync(join(folder, name, 'checklist.json'), 'utf8')));
    expect(checklistDigest(carried)).toBe(checklistDigest(checklistFor(realStage.deviations)));
  });

  test('read the definition from beside them', async () => {
    const file = join(folder, 'api-audit', 'definition.mjs');
    writeFileSync(file, await bundleFile(fileURLToPath(new URL('../../lib/checklist/stage-checklist.ts', import.meta.url))));
    const carried = (await import(pathToFileURL(file).href)) as { checklistFor(): unknown };
    expect(carried.checklistFor()).toEqual(JSON.parse(JSON.stringify(baseChecklist)));
    expect(readFileSync(file, 'utf8')).not.toContain(baseChecklist.items[0]?.words);
  });

  // api-ci starts executions with the same adapter; its role cannot answer (see grants.test.ts).
  test('carry commands that answer the workflow only with the adapter of the workflow', () => {
    expect(carrying('SendTaskSuccess')).toEqual(['api-ci', 'event-reconciler']);
  });

  test('ask DynamoDB for the consumed capacity, and deviate as the stage says; those of a local stage estimate it', async () => {
    const asks = (of: string): boolean => codeOf('event-sweep', of).includes('ReturnConsumedCapacity:"TOTAL"');
    const local = join(folder, 'local');
    const soak = { check: 'soak-24h', parameter: 'minPoints', document: 1440, here: 30 };
    const deviations = [{ ...soak, reason: 'A laptop is not on for a day.', approver: 'technical-lead' as const }];
    await bundleAll({ ...localStage, deviations }, local);
    expect([asks(folder), asks(local)]).toEqual([true, false]);
    // Only this one's definition deviates, and every function has it.
    const carried: unknown = JSON.parse(readFileSync(join(local, 'event-sweep', 'checklist.json'), 'utf8'));
    expect(carried).toEqual(JSON.parse(JSON.stringify(checklistFor(deviations))));
  }, 60_000);

  test('carry the parsers of reports only where reports are parsed, and load none at their start', async () => {
    const parsers = carrying('The JSON is not a SARIF log.');
    expect(parsers).toEqual(['api-ci', 'event-upload']);
    for (const name of parsers) {
      const atStart = startFiles(join(folder, name)).map((file) => readFileSync(join(folder, name, file), 'utf8'));
      expect([name, atStart.some((text) => text.includes('The JSON is not a SARIF log.'))]).toEqual([name, false]);
    }
  });

  test('know of each evidence type what its module says', async () => {
    const file = join(folder, 'event-upload', 'types.mjs');
    writeFileSync(file, await bundleFile(fileURLToPath(new URL('../../lib/registry/evidence-types.ts', import.meta.url))));
    const { typeFacts: carried } = (await import(pathToFileURL(file).href)) as { typeFacts: unknown };
    rmSync(file);
    expect(carried).toEqual(JSON.parse(JSON.stringify(typeFacts)));
    expect(Object.keys(typeFacts)).toEqual(Object.keys(evidenceTypes));
  });

  test('carry the text of the script where it is served, its name where pages are, and nowhere what makes it', () => {
    expect([carrying('Use these keys'), carrying(scriptFile), carrying('ESBUILD_BINARY_PATH')]).toEqual([
      ['api-people'],
      ['api-audit', 'api-people'],
      [],
    ]);
  });

  test('have the OpenAPI document beside them where it is served, as this code writes it', async () => {
    const beside = functionNames.filter((name) => existsSync(join(folder, name, 'openapi-document.json')));
    expect(beside).toEqual(['api-audit']);
    const file = join(folder, 'api-audit', 'document.mjs');
    writeFileSync(file, await bundleFile(fileURLToPath(new URL('../../lib/api/document.ts', import.meta.url))));
    const { openApiDocument: carried } = (await import(pathToFileURL(file).href)) as { openApiDocument: () => unknown };
    expect(carried()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
    expect(readFileSync(join(folder, 'api-audit', 'index.mjs'), 'utf8')).not.toContain(
      'Runs a production deployment checklist as a workflow',
    );
  });

  // Signed requests do (lambdas/adapters/aws-call.ts).
  test('carry no client of a service that is asked for a few operations', async () => {
    const client = /com\.amazonaws\.(kms|lambda|s3|scheduler|sesv2|sns)\b/;
    expect(carrying(client)).toEqual([]);
    for (const one of ['../contract/tables.ts', '../../node_modules/@aws-sdk/client-sns/dist-es/index.js'])
      expect([one, Buffer.from(await bundleFile(fileURLToPath(new URL(one, import.meta.url)))).toString()]).toEqual([
        one,
        expect.stringMatching(client),
      ]);
  });

  // An error that an adapter matches has to arrive as its own class; a new version of the SDK may register errors in another way.
  test('keep the error classes that our functions name, and no others', () => {
    const schemas = new URL('../../node_modules/@aws-sdk/client-dynamodb/dist-es/schemas/schemas_0.js', import.meta.url);
    const kept = namedErrors(readFileSync(schemas, 'utf8'), new Set(['DuplicateItemException', 'ConditionalCheckFailedException']));
    expect([...kept.matchAll(/registerError\(\w+\$, (\w+)\)/g)].map(([, error]) => error).sort()).toEqual([
      'ConditionalCheckFailedException',
      'DuplicateItemException',
      'DynamoDBServiceException',
    ]);
    expect(namedErrors(readFileSync(schemas, 'utf8'), new Set())).not.toContain('registerError(DuplicateItemException');
  });

  test('classify the errors of AWS services as the unbundled code does', async () => {
    const file = join(folder, 'error-classification.mjs');
    writeFileSync(file, await bundleFile(fileURLToPath(new URL('./error-classification.ts', import.meta.url))));
    const { classify: bundled } = (await import(pathToFileURL(file).href)) as { classify: typeof classify };
    const classified = await bundled();
    expect(classified).toEqual({
      inserted: 'taken',
      finished: undefined,
      timedOut: 'closed',
      unknownToken: 'closed',
      closed: 'closed',
      forgotten: { running: false },
      started: { execution: 'arn:aws:states:eu-central-1:1:execution:m:r' },
      absent: undefined,
      forgedMac: false,
      armed: undefined,
      other: 'StateMachineDoesNotExist',
    });
    expect(classified).toEqual(await classify());
  });

  test('write JSON Schema as the unbundled code does, although no schema carries how', async () => {
    const schemas = fileURLToPath(new URL('../../node_modules/zod/v4/classic/schemas.js', import.meta.url));
    const left = withoutJsonSchema(readFileSync(schemas, 'utf8'));
    expect(left.match(/processors\.\w+\(|createStandardJSONSchemaMethod\(|createToJSONSchemaMethod\(/g)).toBeNull();
    const file = join(folder, 'series-schema.mjs');
    writeFileSync(file, await bundleFile(fileURLToPath(new URL('../../lib/evidence/published-schemas.ts', import.meta.url))));
    const { seriesJsonSchema: bundled } = (await import(pathToFileURL(file).href)) as { seriesJsonSchema: () => object };
    expect(bundled()).toEqual(seriesJsonSchema());
  });

  test('lack the words of rules and parsers where nothing is shown to people', () => {
    const source =
      "x({\n  kind: 'a/1',\n  description:\n    'Says what.',\n  words: {\n    most: atMost('x', '%'),\n  },\n  bounds: {},\n  fieldWords: ({ a }) => ({\n    a,\n  }),\n});";
    expect(withoutWords(source, ['description', 'words'])).toBe(
      "x({\n  kind: 'a/1',\n  bounds: {},\n  fieldWords: ({ a }) => ({\n    a,\n  }),\n});",
    );
    expect(withoutWords(source, ['description', 'words', 'fieldWords'])).toBe("x({\n  kind: 'a/1',\n  bounds: {},\n});");
    const evidence = fileURLToPath(new URL('../../lib/evidence/', import.meta.url));
    const accounts = readdirSync(evidence).flatMap((file) => {
      const code = file.endsWith('.ts') ? withoutWords(readFileSync(join(evidence, file), 'utf8'), ['account']) : '';
      return [...code.matchAll(/\baccount: (?!Account\b).*/g)].map(([found]) => `${file}: ${found}`);
    });
    // Each stands in a line of its own, or it would not be found.
    expect(accounts).toEqual([]);
    for (const name of functionNames) {
      const code = codeFiles(join(folder, name)).map((file) => readFileSync(join(folder, name, file), 'utf8'));
      const shows = ['clients at the same time', 'different people who sign'].map((words) => code.some((text) => text.includes(words)));
      expect([name, shows]).toEqual([name, showing.includes(name) ? [true, true] : [false, false]]);
    }
  });

  test('lack the methods of schemas that nobody calls, and no others', () => {
    const source =
      'x({\n    ulid(params) {\n        return this.check(core._ulid(ZodULID, params));\n    },\n    min(...args) {\n        return 1;\n    },\n}';
    expect(calledMethods(source, new Set(['min']))).toBe('x({\n    min(...args) {\n        return 1;\n    },\n}');
    const schemas = readFileSync(new URL('../../node_modules/zod/v4/classic/schemas.js', import.meta.url), 'utf8');
    expect(calledMethods(schemas, new Set()).length).toBeLessThan(schemas.length - 4_000);
  });

  test("have the SDK's member names written out, and nothing else changed", () => {
    expect(plainNames('const _a = "alpha";\nconst _b = 5;\nexport var X = { [_a]: [_a], [_b]: 1, [other]: 2 };\n')).toBe(
      'const _a = "alpha";\nconst _b = 5;\nexport var X = { "alpha": [_a], [_b]: 1, [other]: 2 };\n',
    );
  });
});
