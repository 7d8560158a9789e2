#!/usr/bin/env node
// Runs the TypeScript sources as they are: a checkout needs no build step.
import './node-version.mjs';

const { register } = await import('tsx/esm/api');
register();
await import('./holdpoint.ts');
