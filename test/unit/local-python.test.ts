import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  findPython,
  indexOf,
  interpreterIn,
  isComplete,
  isNetwork,
  isNewEnough,
  readVersion,
  stampOf,
  writeStamp,
} from '../../lib/local/python.ts';
import { lastLine } from '../../lib/local/run-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdpoint-python-'));
afterAll(() => rmSync(folder, { recursive: true }));

const python = (text: string) => readVersion(`holdpoint ${text}`) ?? expect.fail(`not read: ${text}`);

describe('the interpreter', () => {
  test('reports its version, platform and path', () => {
    expect(readVersion('warning\nholdpoint 3.11.7 linux-x86_64 /usr/bin/python 3\n')).toEqual({
      program: '/usr/bin/python 3',
      version: [3, 11, 7],
      platform: 'linux-x86_64',
    });
    expect(readVersion('Python was not found; run without arguments to install from the Microsoft Store')).toBeUndefined();
  });

  test.each([
    ['3.9.18', false],
    ['2.7.18', false],
    ['3.10.0', true],
    ['3.13.1', true],
    ['4.0.0', true],
  ])('%s: new enough is %s', (version, expected) => {
    expect(isNewEnough(python(`${version} linux-x86_64 /usr/bin/python3`))).toBe(expected);
  });

  test('missing on PATH: the error says what to install', async () => {
    await expect(findPython({ PATH: folder })).rejects.toThrow(/no Python was found; install Python 3\.10 or newer/);
  });

  test('too old: the error names its version', async () => {
    const bin = join(folder, 'old');
    mkdirSync(bin);
    writeFileSync(join(bin, 'python3'), '#!/bin/sh\necho "holdpoint 3.8.10 linux-x86_64 /usr/bin/python3"\n', { mode: 0o755 });
    await expect(findPython({ PATH: bin })).rejects.toThrow(/needs Python 3\.10 or newer, and \/usr\/bin\/python3 is 3\.8\.10/);
  });
});

describe('the virtual environment', () => {
  const here = python('3.11.7 linux-x86_64 /usr/bin/python3');

  test('has another stamp for other requirements, another Python and another machine', () => {
    const stamps = [
      stampOf(here, 'a==1'),
      stampOf(here, 'a==2'),
      stampOf(python('3.11.8 linux-x86_64 /usr/bin/python3'), 'a==1'),
      stampOf(python('3.11.7 linux-aarch64 /usr/bin/python3'), 'a==1'),
      stampOf(python('3.11.7 linux-x86_64 /opt/bin/python3'), 'a==1'),
    ];
    expect(new Set(stamps).size).toBe(stamps.length);
    expect(stampOf(here, 'a==1')).toBe(stamps[0]);
  });

  test('is complete only with its interpreter and a matching stamp', () => {
    const venv = join(folder, 'venv');
    expect(isComplete(venv, 's')).toBe(false);
    mkdirSync(join(venv, 'bin'), { recursive: true });
    writeFileSync(interpreterIn(venv), '');
    expect(isComplete(venv, 's')).toBe(false);
    writeFileSync(join(venv, 'holdpoint-stamp'), 'other');
    expect(isComplete(venv, 's')).toBe(false);
    const library = join(venv, 'lib', 'python3.11', 'site-packages', 'botocore');
    mkdirSync(library, { recursive: true });
    writeFileSync(join(library, '__init__.py'), 'a = 1\n');
    writeStamp(venv, 's');
    expect(isComplete(venv, 's')).toBe(true);
    expect(isComplete(venv, 'other')).toBe(false);
  });

  test('is incomplete when a file is missing or truncated; the bytecode cache does not matter', () => {
    const venv = join(folder, 'damaged');
    const library = join(venv, 'lib', 'python3.11');
    mkdirSync(join(venv, 'bin'), { recursive: true });
    mkdirSync(join(library, '__pycache__'), { recursive: true });
    writeFileSync(interpreterIn(venv), '');
    writeFileSync(join(library, 'a.py'), 'a = 1\n');
    writeStamp(venv, 's');
    writeFileSync(join(library, '__pycache__', 'a.cpython-311.pyc'), 'compiled');
    expect(isComplete(venv, 's')).toBe(true);
    writeFileSync(join(library, 'a.py'), '');
    expect(isComplete(venv, 's')).toBe(false);
    rmSync(join(library, 'a.py'));
    expect(isComplete(venv, 's')).toBe(false);
  });
});

describe('the package index', () => {
  const files = (texts: Readonly<Record<string, string>>) => (file: string) => texts[file];

  test("comes from the environment, else from pip's configuration files, else it is the public one", () => {
    const conf = files({ '/home/me/.config/pip/pip.conf': '[global]\nindex-url = https://mirror.example.com/simple\n' });
    expect(indexOf({ PIP_INDEX_URL: 'https://own.example.com/simple', HOME: '/home/me' }, conf)).toBe('https://own.example.com/simple');
    expect(indexOf({ HOME: '/home/me' }, conf)).toBe('https://mirror.example.com/simple');
    expect(indexOf({ HOME: '/home/you' }, conf)).toBe('https://pypi.org/simple');
  });
});

describe('the output of pip', () => {
  test.each([
    'WARNING: Retrying ... Failed to establish a new connection: [Errno 111] Connection refused',
    'Temporary failure in name resolution',
    'ERROR: Could not find a version that satisfies the requirement boto3==1.43.106 (from versions: none)',
    '<urlopen error [Errno -2] Name or service not known>',
  ])('a network error: %s', (output) => {
    expect(isNetwork(output)).toBe(true);
  });

  test.each([
    'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.',
    'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
  ])('not a network error: %s', (output) => {
    expect(isNetwork(output)).toBe(false);
  });

  test('is quoted by its error, else by its last line', () => {
    expect(lastLine('Collecting a\nERROR: a has no hash\n\n[notice] a new pip is there\n')).toBe('ERROR: a has no hash');
    expect(lastLine('one\ntwo\n')).toBe('two');
    expect(lastLine('\n')).toBe('it printed nothing');
  });
});
