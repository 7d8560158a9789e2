import { excerpt } from '../canonical-json.ts';
import { finderOf, levelIn, type Overrides, overridesOf, pointerOf } from './sarif-descriptors.ts';
import type { Descriptor, Invocation, Notification, Run } from './sarif-schema.ts';

const benign = ['none', 'note', 'warning'];

/**
 * What a run says of itself that keeps it from proving anything: it did not start or end well, met an error, or had no rule to look for
 * (SARIF 2.1.0, 3.20 and 3.58). Empty when it ended well.
 */
export const signsOf = (run: Run): string[] => {
  const conversion = run.conversion?.invocation;
  const invocations = [...(run.invocations ?? []), ...(conversion == null ? [] : [conversion])];
  const find = finderOf(run.tool, 'notifications');
  const signs = invocations.flatMap((one) => [...endOf(one, (run.results ?? []).length > 0), ...errorsOf(one, find)]);
  return [...new Set([...signs, ...(isIdle(run) ? ['all of its rules are disabled'] : [])])];
};

/**
 * Whether nothing in a run shows that a scan took place. A log without findings is the same whether a tool read everything, read nothing or had no
 * rule, unless it lists its rules, the files that it read, or an invocation, which says how it ended. Results do not count: one more, which is set aside,
 * must not make a log better.
 */
export const isBlank = ({ tool, invocations, conversion, artifacts }: Run): boolean =>
  (artifacts ?? []).length === 0 &&
  (invocations ?? []).length === 0 &&
  conversion?.invocation == null &&
  [tool.driver, ...(tool.extensions ?? [])].every(({ rules }) => (rules ?? []).length === 0);

const endOf = (one: Invocation, hasResults: boolean): string[] => {
  const { executionSuccessful, exitCode, exitSignalName, exitSignalNumber, processStartFailureMessage } = one;
  const signs: string[] = [];
  if (executionSuccessful === false) signs.push('its execution was not successful');
  if (processStartFailureMessage) signs.push('its process did not start');
  if (exitSignalName) signs.push(`signal ${excerpt(exitSignalName, 20)}`);
  else if (exitSignalNumber) signs.push(`signal ${exitSignalNumber}`);
  // A scanner that found something may exit with 1 and call that a success; that it found something must then be seen.
  const foundSomething = exitCode === 1 && executionSuccessful === true && hasResults;
  if (exitCode != null && exitCode !== 0 && !foundSomething) signs.push(`exit code ${exitCode}`);
  // The schema requires executionSuccessful. Without it only the exit code can say that all went well.
  if (executionSuccessful == null && exitCode !== 0 && signs.length === 0)
    signs.push('it does not say whether its execution was successful');
  return signs;
};

const errorsOf = (one: Invocation, find: ReturnType<typeof finderOf>): string[] => {
  const overrides = overridesOf(one.notificationConfigurationOverrides, find);
  const isError = ({ level, descriptor, exception }: Notification): boolean => {
    const pointer = pointerOf(descriptor);
    // A tool that reports an exception and gives it no level has not called it harmless.
    if (level == null && descriptor == null && exception != null) return true;
    const known = descriptor == null ? 'warning' : levelIn(overrides, find(pointer), pointer.ids);
    return !benign.includes(level ?? known);
  };
  return [
    ...((one.toolExecutionNotifications ?? []).some(isError) ? ['it met an error'] : []),
    ...((one.toolConfigurationNotifications ?? []).some(isError) ? ['it met an error in its configuration'] : []),
  ];
};

/** Whether the tool lists rules, and all of them were disabled in some invocation. */
const isIdle = ({ tool, invocations }: Run): boolean => {
  const rules = [tool.driver, ...(tool.extensions ?? [])].flatMap((part) => part.rules ?? []);
  if (rules.length === 0) return false;
  const find = finderOf(tool, 'rules');
  const isOn = ({ defaultConfiguration }: Descriptor): boolean => defaultConfiguration?.enabled !== false;
  const on = rules.filter(isOn).length;
  const changeBy = (overrides: Overrides): number =>
    [...overrides].reduce((sum, [rule, { enabled }]) => {
      if (typeof rule === 'string' || enabled == null || enabled === isOn(rule)) return sum;
      return sum + (enabled ? 1 : -1);
    }, 0);
  const changes = (invocations ?? []).map((one) => changeBy(overridesOf(one.ruleConfigurationOverrides, find)));
  return (changes.length > 0 ? changes : [0]).some((change) => on + change <= 0);
};
