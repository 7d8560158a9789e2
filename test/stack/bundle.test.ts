import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApiDocument } from '../../lib/api/document.ts';
import { baseChecklist } from '../../lib/checklist/checklist.ts';
import { checklistDigest, checklistSchema } from '../../lib/checklist/definition.ts';
import { scriptFile } from '../../lib/console-script.ts';
import { factsOf, functionNames } from '../../lib/lambda-manifest.ts';
import { bundleAll, bundleFile, measureBundles } from '../../lib/stack/bundle.ts';
import { namedErrors, plainNames } from '../../lib/stack/slim-dependencies.ts';
import { classify } from './error-classification.ts';
import { localStage, realStage } from './synthesised.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-bundle-test-'));
beforeAll(() => bundleAll(realStage, folder), 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('bundles', () => {
  test('stay within their limits, and are imported by this Node', () => {
    const measured = measureBundles(folder);
    for (const name of functionNames) {
      expect([name, measured[name].bytes <= factsOf(name).bundleLimit]).toEqual([name, true]);
      expect(measured[name].importMs).toBeGreaterThan(0);
    }
  }, 60_000);

  test('are imported by the Node that Lambda has', () => {
    const script = `for (const name of ${JSON.stringify(functionNames)}) console.log(name, typeof (await import(\`${folder}/\${name}/index.mjs\`)).handler);`;
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
    expect(checklistDigest(carried)).toBe(checklistDigest(baseChecklist));
  });

  test('read the definition from beside them', async () => {
    const file = join(folder, 'api-audit', 'definition.mjs');
    writeFileSync(file, await bundleFile(fileURLToPath(new URL('../../lib/checklist/checklist.ts', import.meta.url))));
    const { baseChecklist: carried } = (await import(pathToFileURL(file).href)) as { baseChecklist: unknown };
    expect(carried).toEqual(JSON.parse(JSON.stringify(baseChecklist)));
    expect(readFileSync(file, 'utf8')).not.toContain(baseChecklist.items[0]?.words);
  });

  // api-ci starts executions with the same adapter; its role cannot answer (see grants.test.ts).
  test('carry commands that answer the workflow only with the adapter of the workflow', () => {
    // Every bundle has the grants of lib/lambda-manifest.ts in it, where the action is called states:SendTaskSuccess.
    const carrying = functionNames.filter((name) =>
      /(?<!states:)SendTaskSuccess/.test(readFileSync(join(folder, name, 'index.mjs'), 'utf8')),
    );
    expect([...carrying].sort()).toEqual(['api-ci', 'event-reconciler']);
  });

  test('ask DynamoDB for the consumed capacity; those of a local stage estimate it', async () => {
    const asks = (of: string): boolean =>
      readFileSync(join(of, 'event-sweep', 'index.mjs'), 'utf8').includes('ReturnConsumedCapacity:"TOTAL"');
    const local = join(folder, 'local');
    await bundleAll(localStage, local);
    expect([asks(folder), asks(local)]).toEqual([true, false]);
  }, 60_000);

  // lib/registry/list.ts names parsers and rules together; a function that only judges must not carry the parsers.
  test('carry the parsers of reports only where reports are parsed', () => {
    const carrying = functionNames.filter((name) =>
      readFileSync(join(folder, name, 'index.mjs'), 'utf8').includes('The JSON is not a SARIF log.'),
    );
    expect([...carrying].sort()).toEqual(['api-ci', 'event-upload']);
  });

  test('carry the text of the script where it is served, its name where pages are, and nowhere what makes it', () => {
    const carrying = (text: string): string[] =>
      functionNames.filter((name) => readFileSync(join(folder, name, 'index.mjs'), 'utf8').includes(text)).sort();
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

  // A few kinds of requests do not need them, and they would take the reconciler over its limit.
  test('carry no client of S3 and none of SNS', async () => {
    const inside = (bundle: Uint8Array): boolean => /com\.amazonaws\.(s3|sns)\b/.test(Buffer.from(bundle).toString());
    expect(functionNames.filter((name) => inside(readFileSync(join(folder, name, 'index.mjs'))))).toEqual([]);
    for (const client of ['../contract/tables.ts', '../../node_modules/@aws-sdk/client-sns/dist-es/index.js'])
      expect([client, inside(await bundleFile(fileURLToPath(new URL(client, import.meta.url))))]).toEqual([client, true]);
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

  test("have the SDK's member names written out, and nothing else changed", () => {
    expect(plainNames('const _a = "alpha";\nconst _b = 5;\nexport var X = { [_a]: [_a], [_b]: 1, [other]: 2 };\n')).toBe(
      'const _a = "alpha";\nconst _b = 5;\nexport var X = { "alpha": [_a], [_b]: 1, [other]: 2 };\n',
    );
  });
});
