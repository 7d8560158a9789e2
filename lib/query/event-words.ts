/** What an event is about, in a few words of its own data: the item, and what was said of it. May hold text of others. */
export const aboutEvent = (data: Readonly<Record<string, unknown>>): string => {
  const named = firstText(data, [
    'check',
    'trigger',
    'step',
    'gate',
    'followUp',
    'freeze',
    'observation',
    'evidence',
    'component',
    'profile',
  ]);
  const said = firstText(data, ['verdict', 'answer', 'outcome', 'decision', 'choice', 'state', 'action', 'refusal', 'level']);
  const more = firstText(data, ['reason', 'summary', 'detail', 'what', 'source', 'version']);
  // Of people's words only a digest stands in the trail, which says nothing here.
  const words = more === undefined || /^[0-9a-f]{64}$/.test(more) ? undefined : more.slice(0, longest);
  return [[named, said].filter((one) => one !== undefined).join(': '), words].filter(Boolean).join(', ');
};

const longest = 160;

const firstText = (data: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined =>
  names.flatMap((name) =>
    typeof data[name] === 'string' ? [data[name].replace(/^[0-9a-f]{64}$/, (digest) => digest.slice(0, 12))] : [],
  )[0];
