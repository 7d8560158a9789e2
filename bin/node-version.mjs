// Loaded before everything else: an older Node.js would fail later with a message that names no cause.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  const detail = `Node.js ${process.versions.node} is too old; install Node.js 20.19 or newer.`;
  const error = { type: 'node-too-old', title: 'Node.js too old', detail };
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  else process.stderr.write(`holdpoint: ${detail}\n`);
  process.exit(1);
}
