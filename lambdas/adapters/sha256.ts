import { createHash, createHmac } from 'node:crypto';

/** Node's SHA-256 with the interface of the signer. */
export class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array);
  }
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  /** Part of the interface; the signer never calls it. */
  reset(): void {
    throw new Error('a hash is used once');
  }
}
