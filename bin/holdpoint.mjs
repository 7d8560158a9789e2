#!/usr/bin/env node
// Runs the TypeScript sources as they are: a checkout needs no build step.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  const detail = `Node.js ${process.versions.node} is too old; install Node.js 20.19 or newer.`;
  const type = 'https://holdpoint.dev/problems/node-too-old';
  const problem = { type, title: 'Node.js too old', status: 500, detail, instance: 'urn:holdpoint:command-line' };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(problem, null, 2)}\n`);
  else process.stderr.write(`holdpoint: ${detail}\n`);
  process.exit(1);
}
const { register } = await import('tsx/esm/api');
register();
await import('./holdpoint.ts');
