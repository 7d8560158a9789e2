// Loaded before everything else: an older Node.js would fail later with a message that names no cause.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  const detail = `Node.js ${process.versions.node} is too old; install Node.js 20.19 or newer.`;
  const type = 'https://holdpoint.dev/problems/node-too-old';
  const problem = { type, title: 'Node.js too old', status: 500, detail, instance: 'urn:holdpoint:command-line' };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(problem, null, 2)}\n`);
  else process.stderr.write(`holdpoint: ${detail}\n`);
  process.exit(1);
}
