/** Of a search by actor that finds nothing, where that says nothing about anybody. */
export const unknownActor = 'The roster has nobody of this name or id, and no event that was searched is by such a CI identity.';

type Data = Readonly<Record<string, unknown>>;

/** What an event is about, in a few words of its own data: the item, and what was said of it. May hold text of others. */
export const aboutEvent = (data: Data): string => {
  const { named, said, more } = partsOfEvent(data);
  return [[named, said].filter((one) => one !== undefined).join(': '), more].filter(Boolean).join(', ');
};

type Parts = Readonly<Record<'named' | 'said' | 'more', string | undefined>>;

/** The same in its parts. `named`: as the trail names it, an id most of the time. */
export const partsOfEvent = (data: Data): Parts => {
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
  return { named, said, more: more === undefined || /^[0-9a-f]{64}$/.test(more) ? undefined : more.slice(0, longest) };
};

const longest = 160;

const firstText = (data: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined =>
  names.flatMap((name) =>
    typeof data[name] === 'string' ? [data[name].replace(/^[0-9a-f]{64}$/, (digest) => digest.slice(0, 12))] : [],
  )[0];
