import { sha256 } from '../../lib/canonical-json.ts';
import type { Intake, IntakeObjects, PutAddress, Uploads } from '../../lib/uploads.ts';
import { type Keep, keptByItself } from './kept.ts';

export const fakeUploads = (
  keep: Keep = keptByItself,
): Uploads & {
  readonly items: Map<string, { readonly request: string; readonly outcome: string | undefined }>;
} => {
  const items = keep(new Map<string, { readonly request: string; readonly outcome: string | undefined }>());
  return {
    items,
    open: async (id, request) => {
      if (!items.has(id)) items.set(id, { request, outcome: undefined });
    },
    find: async (id) => items.get(id),
    close: async (id, outcome) => {
      const found = items.get(id);
      if (found !== undefined && found.outcome === undefined) items.set(id, { ...found, outcome });
    },
  };
};

const origin = 'https://intake.example.com/';

/** The intake in memory. `put` is what S3 does with a request to an address: it answers with a status. */
export const fakeIntake = (
  keep: Keep = keptByItself,
): Intake &
  IntakeObjects & {
    readonly bytes: Map<string, Uint8Array>;
    put(address: PutAddress, bytes: Uint8Array): number;
  } => {
  const bytes = keep(new Map<string, Uint8Array>());
  return {
    bytes,
    address: async ({ key, bytes: length, sha256: digest }) => ({
      url: `${origin}${key}?signed=${length}.${digest}`,
      headers: { 'content-length': String(length), 'x-amz-checksum-sha256': Buffer.from(digest, 'hex').toString('base64') },
    }),
    put: ({ url, headers }, sent) => {
      const { pathname, searchParams } = new URL(url);
      const [length = '', digest = ''] = (searchParams.get('signed') ?? '').split('.');
      const signed = { 'content-length': length, 'x-amz-checksum-sha256': Buffer.from(digest, 'hex').toString('base64') };
      if (Object.entries(signed).some(([name, value]) => headers[name] !== value)) return 403;
      if (sent.byteLength !== Number(length) || sha256(sent) !== digest) return 400;
      bytes.set(pathname.slice(1), Uint8Array.from(sent));
      return 200;
    },
    read: async (key, length) => {
      const found = bytes.get(key);
      if (found === undefined) return undefined;
      return found.byteLength === length ? { bytes: Uint8Array.from(found) } : { length: found.byteLength };
    },
    remove: async (key) => {
      bytes.delete(key);
    },
  };
};
