import type { Descriptor, Level, Override, Reference, Tool } from './sarif-schema.ts';

export const levels = ['none', 'note', 'warning', 'error'] as const satisfies readonly Level[];

/** The worst of some levels; undefined of none. */
export const worstOf = (some: readonly Level[]): Level | undefined => levels.findLast((level) => some.includes(level));

/** What points at a rule or at a kind of notification: all ids and indexes that a result gives. */
export type Pointer = { readonly ids: readonly string[]; readonly indexes: readonly number[]; readonly at: Reference | null | undefined };

/** The descriptors that a pointer may mean, and whether it points at something that the log does not have. */
export type Found = { readonly descriptors: readonly Descriptor[]; readonly dangling: boolean };

/** `CA1000/1/2` belongs to `CA1000/1`, and that to `CA1000` (SARIF 2.1.0, 3.5.4). The longest comes first. */
export const idsAbove = (id: string): string[] => {
  const ids = [id];
  for (let cut = id.lastIndexOf('/'); cut > 0 && ids.length < 10; cut = id.lastIndexOf('/', cut - 1)) ids.push(id.slice(0, cut));
  return ids;
};

/**
 * Finds descriptors of one kind in a tool: in the component that the pointer names, otherwise in the driver and then in its extensions
 * (SARIF 2.1.0, 3.52). When index and id contradict each other, both are meant.
 */
export const finderOf = ({ driver, extensions }: Tool, kind: 'rules' | 'notifications'): ((pointer: Pointer) => Found) => {
  const parts = [driver, ...(extensions ?? [])].map(({ name, guid, [kind]: list }) => ({ name, guid, ...indexed(list ?? []) }));
  const anywhere = [...parts.slice(0, 1), indexed(parts.slice(1).flatMap(({ list }) => list))];
  return ({ ids, indexes, at }) => {
    const named = at?.toolComponent;
    const isNamed = named != null && ((named.index ?? -1) >= 0 || named.guid != null || named.name != null);
    const home = isNamed ? homeOf(parts, named) : parts[0];
    const places = indexes.filter((index) => index >= 0);
    const byIndex = [...new Set(places.flatMap((index) => home?.list[index] ?? []))];
    const dangling = home === undefined || places.some((index) => home.list[index] === undefined);
    const [only, second] = byIndex;
    if (only !== undefined && second === undefined && !dangling && ids.every((id) => idsAbove(id).includes(only.id)))
      return { descriptors: [only], dangling };
    const pool = isNamed && home !== undefined ? [home] : anywhere;
    const byGuid = pool.flatMap((part) => part.byGuid.get(at?.guid ?? '') ?? []);
    return { descriptors: [...byIndex, ...byGuid, ...ids.flatMap((id) => underId(pool, id))], dangling };
  };
};

/** Whether an id or guid stands for so many descriptors that looking it up for each result takes too long. Tools use an id once. */
export const isCrowded = ({ driver, extensions }: Tool): boolean =>
  (['rules', 'notifications'] as const).some((kind) => {
    const { byId, byGuid } = indexed([driver, ...(extensions ?? [])].flatMap((part) => part[kind] ?? []));
    return [...byId.values(), ...byGuid.values()].some(({ length }) => length > 50);
  });

/** The component that a reference names. An index counts the extensions (3.54.4). */
const homeOf = <P extends { readonly name: string; readonly guid?: string | null | undefined }>(
  parts: readonly P[],
  { index, guid, name }: NonNullable<Reference['toolComponent']>,
): P | undefined =>
  (index != null && index >= 0 ? parts.slice(index + 1, index + 2) : parts).find(
    (part) => (guid == null || guid === part.guid) && (name == null || name === part.name),
  );

type Index = ReadonlyMap<string, readonly Descriptor[]>;

const indexed = (list: readonly Descriptor[]): { readonly list: readonly Descriptor[]; readonly byId: Index; readonly byGuid: Index } => ({
  list,
  byId: grouped(list, ({ id }) => id),
  byGuid: grouped(list, ({ guid }) => guid || undefined),
});

const grouped = (list: readonly Descriptor[], keyOf: (one: Descriptor) => string | undefined): Index => {
  const groups = new Map<string, Descriptor[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = key === undefined ? undefined : groups.get(key);
    if (group !== undefined) group.push(one);
    else if (key !== undefined) groups.set(key, [one]);
  }
  return groups;
};

const underId = (pool: readonly { readonly byId: Index }[], id: string): readonly Descriptor[] => {
  for (const one of idsAbove(id)) {
    const found = pool.find((part) => part.byId.has(one))?.byId.get(one);
    if (found !== undefined) return found;
  }
  return [];
};

export const pointerOf = (reference: Reference | null | undefined): Pointer => ({
  ids: reference?.id == null ? [] : [reference.id],
  indexes: reference?.index == null ? [] : [reference.index],
  at: reference,
});

/** The configurations that one invocation gave to descriptors, by the descriptor and by its id. */
export type Overrides = ReadonlyMap<Descriptor | string, NonNullable<Override['configuration']>>;

export const overridesOf = (overrides: readonly Override[] | null | undefined, find: (pointer: Pointer) => Found): Overrides =>
  new Map(
    (overrides ?? []).flatMap(({ descriptor, configuration }) =>
      configuration == null
        ? []
        : [...find(pointerOf(descriptor)).descriptors, ...(descriptor.id == null ? [] : [descriptor.id])].map(
            (key) => [key, configuration] as const,
          ),
    ),
  );

/** What a descriptor is configured as where the invocation is not known: the worst level that any of so many invocations gave it. */
export const worstOverrides = (invocations: readonly Overrides[]): Overrides => {
  const merged = new Map<Descriptor | string, { level: Level; readonly times: number }>();
  for (const [key, { level }] of invocations.flatMap((overrides) => [...overrides])) {
    if (level == null) continue;
    const earlier = merged.get(key);
    merged.set(key, {
      level: earlier === undefined ? level : (worstOf([level, earlier.level]) ?? level),
      times: (earlier?.times ?? 0) + 1,
    });
  }
  for (const [key, { level, times }] of merged)
    if (times < invocations.length) merged.set(key, { level: worstOf([level, defaultOf(key)]) ?? level, times });
  return merged;
};

const defaultOf = (key: Descriptor | string): Level => (typeof key === 'string' ? undefined : key.defaultConfiguration?.level) ?? 'warning';

/** The level that the configuration of a descriptor gives; `warning` when nothing configures one (SARIF 2.1.0, 3.50.3). */
export const levelIn = (overrides: Overrides, { descriptors, dangling }: Found, ids: readonly string[]): Level => {
  if (dangling) return 'error';
  const byName = descriptors.length > 0 ? [] : ids.flatMap(idsAbove).flatMap((id) => overrides.get(id)?.level ?? []);
  return worstOf([...descriptors.map((one) => overrides.get(one)?.level ?? defaultOf(one)), ...byName]) ?? 'warning';
};
