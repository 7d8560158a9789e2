import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectFolder } from '../../lib/local/paths.ts';
import { findPython } from '../../lib/local/python.ts';
import { runProcess } from '../../lib/local/run-process.ts';

/** Calls as MiniStack makes them. All places are taken until a call that somebody waits for has been answered. */
const calling = `
import contextvars, importlib.util, json, sys, threading
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location('guard', sys.argv[1])
guard = importlib.util.module_from_spec(spec)
spec.loader.exec_module(guard)
changed, ended = threading.Condition(), threading.Event()
running, most, done = 0, 0, []
class lambdas:
    def _execute_function(func, event):
        global running, most
        if event == 'awaited':
            return 'answered'
        with changed:
            running += 1
            most = max(most, running)
            changed.notify_all()
        ended.wait(10)
        with changed:
            running -= 1
            done.append(event)
            changed.notify_all()
    def invoke_async_with_retry(func, event):
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(lambda: lambdas._execute_function(func, event),), daemon=True).start()
guard.queued_asynchronous_calls(lambdas)
f = {'FunctionName': 'f'}
calls = 3 * guard.CALLS_AT_ONCE
for event in range(calls):
    lambdas.invoke_async_with_retry(f, event)
with changed:
    changed.wait_for(lambda: running == guard.CALLS_AT_ONCE, 10)
awaited = lambdas._execute_function(f, 'awaited')
ended.set()
with changed:
    changed.wait_for(lambda: len(done) == calls, 10)
print(json.dumps({'awaited': awaited, 'all': sorted(done) == list(range(calls)), 'most': most == guard.CALLS_AT_ONCE}))
`;

test('asynchronous calls are queued, every one is made, and a call that somebody waits for is answered meanwhile', async () => {
  const env = { PATH: process.env.PATH ?? '' };
  const { program } = await findPython(env);
  const guard = join(projectFolder, 'lib', 'local', 'emulator-guard.py');
  const { output } = await runProcess(program, ['-c', calling, guard], { cwd: projectFolder, env, limitMs: 30_000 });
  expect(JSON.parse(output)).toEqual({ awaited: 'answered', all: true, most: true });
});
