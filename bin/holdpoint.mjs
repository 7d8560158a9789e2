#!/usr/bin/env node
// Runs the TypeScript sources as they are: a checkout needs no build step.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`holdpoint: Node.js ${process.versions.node} is too old; install Node.js 20.19 or newer.\n`);
  process.exit(2);
}
const { register } = await import('tsx/esm/api');
register();
await import('./holdpoint.ts');
