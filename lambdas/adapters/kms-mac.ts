import { GenerateMacCommand, type KMSClient, KMSInvalidMacException, VerifyMacCommand } from '@aws-sdk/client-kms';
import type { Mac } from '../../lib/ports.ts';

const MacAlgorithm = 'HMAC_SHA_256';
const macBytes = 32;
/** KMS's limit for a message, in bytes. */
const longestMessage = 4096;

/** A MAC by a KMS HMAC_256 key, which never leaves KMS. */
export const createKmsMac = (client: KMSClient, { key: KeyId }: { readonly key: string }): Mac => ({
  sign: async (text) => {
    const { Mac } = await client.send(new GenerateMacCommand({ KeyId, MacAlgorithm, Message: messageOf(text) }));
    if (Mac === undefined) throw new Error('KMS returned no MAC');
    return Buffer.from(Mac).toString('base64url');
  },
  verify: async (text, mac) => {
    const Mac = Buffer.from(mac, 'base64url');
    // Each MAC has one encoding: reject base64url with other trailing bits, padding or foreign characters.
    if (Mac.length !== macBytes || Mac.toString('base64url') !== mac) return false;
    try {
      const { MacValid } = await client.send(new VerifyMacCommand({ KeyId, MacAlgorithm, Message: messageOf(text), Mac }));
      return MacValid === true;
    } catch (fault) {
      if (fault instanceof KMSInvalidMacException) return false;
      throw fault;
    }
  },
});

const messageOf = (text: string): Buffer => {
  const message = Buffer.from(text, 'utf8');
  if (message.length === 0 || message.length > longestMessage)
    throw new RangeError(`MAC: got a text of ${message.length} bytes, expected 1 to ${longestMessage}`);
  return message;
};
