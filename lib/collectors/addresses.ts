/**
 * Which addresses a probe may connect to (IANA registries of special-purpose addresses). What is not known to be public is refused, and an
 * IPv6 address that carries an IPv4 address is judged by that one.
 */
export type AddressKind = 'public' | 'private' | 'never';

type Range = readonly [prefix: string, bits: number];

/** Asked by nobody, whatever a stage permits: link-local addresses and metadata services, "this host", multicast, reserved, documentation. */
const never4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const private4: readonly Range[] = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
];
/** The metadata services of AWS and Google stand in the private range fc00::/7. */
const never6: readonly Range[] = [
  ['fd00:ec2::', 32],
  ['fd20:ce::', 32],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['64:ff9b:1::', 48],
];
const private6: readonly Range[] = [
  ['::1', 128],
  ['fc00::', 7],
];
/** Where an IPv4 address stands in an IPv6 address: mapped, translated (SIIT, NAT64), 6to4. In bytes from the start. */
const carriers: readonly (readonly [...Range, from: number])[] = [
  ['::ffff:0:0', 96, 12],
  ['::ffff:0:0:0', 96, 12],
  ['64:ff9b::', 96, 12],
  ['2002::', 16, 2],
];

/** Hosts of metadata services. Their addresses are refused, too; the names say it before anybody is asked. */
const metadataHosts = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'instance-data',
  'instance-data.ec2.internal',
]);
export const isMetadataHost = (host: string): boolean => metadataHosts.has(host.toLowerCase().replace(/\.$/, ''));

export const kindOfAddress = (address: string): AddressKind => {
  const four = bytesOf4(address);
  if (four !== undefined) return kindOf4(four);
  const six = bytesOf6(address);
  return six === undefined ? 'never' : kindOf6(six);
};

const kindOf4 = (address: readonly number[]): AddressKind => {
  const isIn = ([prefix, bits]: Range): boolean => startsWith(address, bytesOf4(prefix) ?? [], bits);
  if (never4.some(isIn)) return 'never';
  return private4.some(isIn) ? 'private' : 'public';
};

const kindOf6 = (address: readonly number[]): AddressKind => {
  const isIn = ([prefix, bits]: Range): boolean => startsWith(address, bytesOf6(prefix) ?? [], bits);
  if (never6.some(isIn)) return 'never';
  if (private6.some(isIn)) return 'private';
  const carrier = carriers.find(([prefix, bits]) => isIn([prefix, bits]));
  if (carrier !== undefined) return kindOf4(address.slice(carrier[2], carrier[2] + 4));
  if (!isIn(['2000::', 3])) return 'never';
  // An interface of an ISATAP tunnel (RFC 5214) has an IPv4 address in its last four bytes.
  const isTunnel = [0, 2].includes(address[8] ?? 1) && startsWith(address.slice(9), [0, 0x5e, 0xfe], 24);
  return isTunnel ? kindOf4(address.slice(12)) : 'public';
};

const startsWith = (address: readonly number[], prefix: readonly number[], bits: number): boolean =>
  prefix.every((byte, place) => {
    const counted = Math.min(8, Math.max(0, bits - place * 8));
    return (byte ^ (address[place] ?? 0)) >> (8 - counted) === 0;
  });

const bytesOf4 = (text: string): readonly number[] | undefined => {
  const parts = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text.split('.').map(Number) : [];
  return parts.length === 4 && parts.every((part) => part < 256) ? parts : undefined;
};

/** `URL` brings every form of an IPv6 address into one: hexadecimal, shortened, without IPv4 parts. One with a zone is not accepted. */
const bytesOf6 = (text: string): readonly number[] | undefined => {
  if (!text.includes(':') || !URL.canParse(`http://[${text}]/`)) return undefined;
  const [left = '', right] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const head = groups(left);
  const tail = right === undefined ? [] : groups(right);
  const all = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return all.flatMap((group) => [group >> 8, group & 255]);
};
