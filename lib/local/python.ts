import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LocalFault } from './local-fault.ts';
import { projectFolder, remove } from './paths.ts';
import { lastLine, type ProcessResult, runProcess } from './run-process.ts';

/** The pip for a Python that has none (Debian without python3-venv), pinned by digest. */
const pip = { version: '26.2', sha256: '931c303696af6fa3417112103b1cad26890e5a07eccb5b99783700e33f2b8aad' } as const;
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
/** Milliseconds. On a slow connection the 25 MB of packages take minutes. */
const limits = { ask: 10_000, make: 60_000, fetch: 120_000, install: 300_000 } as const;

type Env = Readonly<Record<string, string>>;
export type Python = { readonly program: string; readonly version: readonly [number, number, number]; readonly platform: string };
type Options = {
  readonly venv: string;
  /** The packages, pinned by hash. Default: those of the local AWS. */
  readonly requirements?: string;
  readonly env: Env;
  readonly signal?: AbortSignal | undefined;
  readonly say: (message: string) => void;
};

const installHint = "install Python 3.10 or newer (https://www.python.org/downloads/, or your system's package python3)";

/** Parses the output of `versionScript`; undefined when the interpreter printed something else. */
export const readVersion = (output: string): Python | undefined => {
  const match = /^holdpoint (\d+)\.(\d+)\.(\d+) (\S+) (.+)$/m.exec(output);
  if (match === null) return undefined;
  const [, major, minor, patch, platform, program] = match;
  return { program: String(program), version: [Number(major), Number(minor), Number(patch)], platform: String(platform) };
};

export const isNewEnough = ({ version: [major, minor] }: Python): boolean => major > 3 || (major === 3 && minor >= 10);

const versionScript =
  "import sys,sysconfig;print('holdpoint %d.%d.%d %s %s'%(sys.version_info[:3]+(sysconfig.get_platform(),sys.executable)))";

/** The first interpreter on PATH that is new enough. */
export const findPython = async (env: Env, cwd: string = projectFolder): Promise<Python> => {
  const tooOld: Python[] = [];
  for (const name of ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    const found = await runProcess(name, ['-c', versionScript], { cwd, env, limitMs: limits.ask }).then(
      ({ output }) => readVersion(output),
      () => undefined,
    );
    if (found !== undefined && isNewEnough(found)) return found;
    if (found !== undefined) tooOld.push(found);
  }
  const [first] = tooOld;
  if (first === undefined)
    throw new LocalFault('python-missing', `The local AWS needs Python 3.10 or newer, and no Python was found; ${installHint}.`);
  throw new LocalFault(
    'python-missing',
    `The local AWS needs Python 3.10 or newer, and ${first.program} is ${first.version.join('.')}; ${installHint}.`,
  );
};

/** Identifies the inputs of an environment: requirements file, pip, Python and machine. */
export const stampOf = (python: Python, wanted: string): string =>
  createHash('sha256')
    .update(JSON.stringify([wanted, pip.sha256, python.version, python.platform, python.program]))
    .digest('hex');

export const interpreterIn = (venv: string): string => join(venv, 'bin', 'python');
const stampIn = (venv: string): string => join(venv, 'holdpoint-stamp');

/** Digest of the names and sizes of all installed files, except Python's bytecode cache. */
const filesDigest = (venv: string): string => {
  const hash = createHash('sha256');
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && entry.name !== '__pycache__') walk(path);
      else if (entry.isFile()) hash.update(`${path.slice(venv.length)} ${statSync(path).size}\n`);
    }
  };
  walk(join(venv, 'lib'));
  return hash.digest('hex');
};

const stampWithFiles = (venv: string, stamp: string): string => `${stamp} ${filesDigest(venv)}\n`;

/**
 * Whether an environment was made from these inputs and still has all its files. The stamp is written last, so an interrupted
 * installation has none.
 */
export const isComplete = (venv: string, stamp: string): boolean =>
  existsSync(interpreterIn(venv)) &&
  existsSync(join(venv, 'lib')) &&
  existsSync(stampIn(venv)) &&
  readFileSync(stampIn(venv), 'utf8') === stampWithFiles(venv, stamp);

export const writeStamp = (venv: string, stamp: string): void => writeFileSync(stampIn(venv), stampWithFiles(venv, stamp));

/**
 * Returns the interpreter of a virtual environment that contains exactly the pinned packages. Reuses a complete environment and
 * replaces any other. Changes nothing outside the folder.
 */
export const preparePython = async (options: Options): Promise<{ readonly interpreter: string; readonly created: boolean }> => {
  const python = await findPython(options.env);
  const stamp = stampOf(python, readFileSync(options.requirements ?? requirements, 'utf8'));
  const interpreter = interpreterIn(options.venv);
  if (isComplete(options.venv, stamp)) return { interpreter, created: false };
  remove(options.venv);
  try {
    await installAll(interpreter, await makeVenv(python, options), options);
    remove(pipFolder(options.venv));
    writeStamp(options.venv, stamp);
  } catch (error) {
    remove(options.venv);
    throw error;
  }
  return { interpreter, created: true };
};

/** Makes an environment without pip, and returns the pip that installs into it: a wheel that Python can run as it is. */
const makeVenv = async (python: Python, options: Options): Promise<string> => {
  const { venv, env, signal, say } = options;
  say(`creating a virtual environment with Python ${python.version.join('.')}`);
  const run = (args: readonly string[]): Promise<ProcessResult> =>
    runProcess(python.program, args, { cwd: projectFolder, env, signal, limitMs: limits.make });
  const [made, found] = await Promise.all([run(['-m', 'venv', '--without-pip', venv]), run(['-c', bundledPipScript])]);
  if (made.code !== 0)
    throw new LocalFault(
      'python-environment',
      `${python.program} cannot make a virtual environment: ${lastLine(made.output)}; ${installHint} with its venv module.`,
    );
  const wheel = /^holdpoint (.+\.whl)$/m.exec(found.output)?.[1];
  if (found.code === 0 && wheel !== undefined) return wheel;
  // Debian packages ensurepip separately.
  say('this Python has no pip; downloading it');
  return downloadPip(options);
};

/** Prints the wheel of pip that comes with Python, where it has one. Installing pip into the environment would take as long as all packages. */
const bundledPipScript = `
import ensurepip, glob, os, sysconfig
folders = [os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'), sysconfig.get_config_var('WHEEL_PKG_DIR') or '']
wheels = [wheel for folder in folders for wheel in glob.glob(os.path.join(folder, 'pip-*.whl'))]
print('holdpoint ' + wheels[0])
`;

const pipFolder = (venv: string): string => join(venv, 'pip-download');

/** Downloads pip from the index that pip itself would use. Python does it, because it honours this machine's proxies and certificates. */
const downloadPip = async ({ venv, env, signal }: Options): Promise<string> => {
  const index = indexOf(env);
  const folder = pipFolder(venv);
  mkdirSync(folder);
  const wheel = join(folder, `pip-${pip.version}-py3-none-any.whl`);
  const fetched = await runProcess(interpreterIn(venv), ['-c', downloadScript, index, wheel, certificateOf(env)], {
    cwd: projectFolder,
    env,
    signal,
    limitMs: limits.fetch,
  });
  if (fetched.code !== 0) throw unreachable(index, fetched);
  const digest = createHash('sha256').update(readFileSync(wheel)).digest('hex');
  if (digest !== pip.sha256)
    throw new LocalFault(
      'python-environment',
      `The index ${index} served pip ${pip.version} with the digest ${digest} instead of ${pip.sha256}, so it was not installed.`,
    );
  return wheel;
};

/** Uses the HTML form of the simple index, which every mirror supports. The caller checks the file's digest. */
const downloadScript = `
import html, os, re, ssl, sys, urllib.parse, urllib.request
index, target, authority = sys.argv[1:4]
page = index.rstrip('/') + '/pip/'
context = ssl.create_default_context(cafile=authority or None)
def get(url):
    request = urllib.request.Request(url, headers={'Accept': 'text/html', 'User-Agent': 'holdpoint-local'})
    with urllib.request.urlopen(request, timeout=60, context=context) as answer:
        return answer.geturl(), answer.read()
at, text = get(page)
name = re.escape(os.path.basename(target))
found = re.search('href="([^"#]*' + name + ')', text.decode()) or re.search("href='([^'#]*" + name + ')', text.decode())
if not found:
    sys.exit('the index has no ' + os.path.basename(target))
with open(target, 'wb') as file:
    file.write(get(urllib.parse.urljoin(at, html.unescape(found.group(1))))[1])
`;

/** The index that pip would use: from the environment, else from its configuration files, else the public one. */
export const indexOf = (env: Env, read: (file: string) => string | undefined = readText): string =>
  setting('index-url', env, read) ?? 'https://pypi.org/simple';
const certificateOf = (env: Env): string => setting('cert', env, readText) ?? env.SSL_CERT_FILE ?? '';

const setting = (name: string, env: Env, read: (file: string) => string | undefined): string | undefined => {
  const variable = env[`PIP_${name.toUpperCase().replace('-', '_')}`];
  if (variable !== undefined && variable !== '') return variable;
  const home = env.HOME ?? '';
  const files = [
    env.PIP_CONFIG_FILE,
    join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'pip', 'pip.conf'),
    join(home, '.pip', 'pip.conf'),
    '/etc/xdg/pip/pip.conf',
    '/etc/pip.conf',
  ];
  for (const file of files) {
    const found = file === undefined ? undefined : new RegExp(`^\\s*${name}\\s*[=:]\\s*(\\S+)`, 'm').exec(read(file) ?? '')?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
};

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

const installAll = async (
  interpreter: string,
  pipWheel: string,
  { env, signal, say, venv, requirements: given = requirements }: Options,
): Promise<void> => {
  say('installing pinned packages, verified by hash');
  const installed = await runProcess(
    interpreter,
    [
      join(pipWheel, 'pip'),
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-input',
      '--retries=3',
      '--no-compile',
      '--require-hashes',
      '--only-binary=:all:',
      '-r',
      given,
    ],
    { cwd: venv, env, signal, limitMs: limits.install },
  );
  if (installed.code === 0) return;
  if (installed.timedOut || isNetwork(installed.output)) throw unreachable(indexOf(env), installed);
  throw new LocalFault('python-environment', `The local AWS could not be installed: ${lastLine(installed.output)}`);
};

/** pip's and Python's messages for an unreachable index. "from versions: none" also means that pip could not read the index. */
export const isNetwork = (output: string): boolean =>
  /NewConnectionError|Failed to establish a new connection|Temporary failure in name resolution|Name or service not known|nodename nor servname|Network is unreachable|No route to host|Connection refused|ConnectTimeout|Read timed out|ReadTimeoutError|ProxyError|Max retries exceeded|Connection (aborted|reset)|urlopen error|timed out|\(from versions: none\)/i.test(
    output,
  );

const unreachable = (index: string, { output, timedOut }: ProcessResult): LocalFault => {
  if (!timedOut && !isNetwork(output))
    return new LocalFault('python-environment', `pip ${pip.version} could not be downloaded from ${index}: ${lastLine(output)}`);
  return new LocalFault(
    'network',
    `The package index ${withoutSecret(index)} could not be reached, and the local AWS is not installed yet; connect to the network or set PIP_INDEX_URL to a mirror, then start again.`,
  );
};

/** The address of a mirror may contain a password. */
const withoutSecret = (address: string): string => address.replace(/\/\/[^/@]*@/, '//');
