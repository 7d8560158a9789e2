import './node-version.mjs';
import { run } from '../lib/cli/main.ts';
import { jsonText } from '../lib/cli/plain.ts';
import { ownProblem } from '../lib/cli/problem.ts';
import { terminal } from './terminal.ts';

// The command line as one file, for those who have no checkout (bin/bundle-cli.ts). It has no local stage.
const argv = process.argv.slice(2);
const io = terminal(async () => undefined);

const needsCheckout = (): number => {
  const detail =
    'A local stage needs a checkout of Holdpoint, from which it is built: run `npm ci` and `node bin/holdpoint.mjs local up` in one.';
  if (argv.includes('--json')) io.out(jsonText(ownProblem('needs-checkout', detail)));
  else io.err(`holdpoint local: ${detail}\n`);
  return 1;
};

process.exitCode = argv[0] === 'local' ? needsCheckout() : await run(argv, io);
