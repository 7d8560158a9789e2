/** A command, and what it supplies: the id of a check. */
type Supplying = { readonly command: string; readonly of: string };

/** Each command once, followed by what it supplies: a gate may lack thirty reports that one and the same command sends. */
export const commandLines = (supplying: readonly Supplying[]): readonly string[] =>
  [...new Set(supplying.map(({ command }) => command))].flatMap((command) => {
    const checks = supplying.filter((one) => one.command === command).map(({ of }) => of);
    return command.split(' ').includes(checks.join()) ? [command] : [command, `  for ${checks.join(', ')}`];
  });
