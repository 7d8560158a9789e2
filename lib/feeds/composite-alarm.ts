/** A composite alarm refers to at most 100 others (CloudWatch quota). */
const mostChildren = 100;

const reference = /\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^()"']+?))\s*\)/gi;
/** The reason of a composite alarm names the child that changed; that of a metric alarm speaks of a threshold. */
const transition = /^(\S.*?) transitioned to (?:ALARM|OK|INSUFFICIENT_DATA)\b/;

/**
 * The names of the alarms that a composite alarm stands for, sorted: those in its rule, which refers to them by name or ARN, and the one in
 * its reason where the rule is not given. Empty for a metric alarm.
 */
export const childrenOf = (alarm: string, rule: string | undefined, reason: string): readonly string[] => {
  const inRule = [...(rule ?? '').matchAll(reference)].map(([, double, single, plain]) =>
    (double ?? single ?? plain ?? '').replace(/\\(.)/g, '$1'),
  );
  const changed = transition.exec(reason)?.[1];
  const names = inRule.length > 0 || changed === undefined ? inRule : [changed];
  return [...new Set(names.map(nameOf))]
    .filter((name) => name !== '' && name !== alarm)
    .sort()
    .slice(0, mostChildren);
};

/** `arn:aws:cloudwatch:<region>:<account>:alarm:<name>`; a name may have colons. */
const nameOf = (named: string): string => /^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:(.*)$/s.exec(named.trim())?.[1] ?? named.trim();
