/**
 * Bytes that do not go through the API: evidence that people download, and reports that are too large for a request. The bytes
 * of a report go to the intake by an address that is good for one object, and a function of its own takes them from there. Implemented in `lambdas/adapters`, faked in `test/fakes`.
 */

/** An object as its sender announced it. `sha256` in hex. */
export type Announced = { readonly key: string; readonly bytes: number; readonly sha256: string };
/** Where the bytes are put, by PUT. `headers` must be sent as they are: they are part of the signature. */
export type PutAddress = { readonly url: string; readonly headers: Readonly<Record<string, string>> };

/** Makes addresses and can do nothing else that an address cannot. Asks nobody. */
export interface Intake {
  /** The intake takes bytes of this length and digest there, and no others, for so many seconds. */
  address(announced: Announced, seconds: number): Promise<PutAddress>;
}

/** What lies in the intake. */
export interface IntakeObjects {
  /** The bytes when there are so many, else how many there are; undefined when there is no such object. */
  read(key: string, bytes: number): Promise<{ readonly bytes: Uint8Array } | { readonly length: number } | undefined>;
  /** Removing an object twice is no error. */
  remove(key: string): Promise<void>;
}

/** Makes addresses of stored evidence. Asks nobody. */
export interface EvidenceAddresses {
  /** The bytes under this digest as a file to save, for so many seconds and without a token. */
  address(scope: string, digest: string, seconds: number): Promise<string>;
}

/** How uploads stand: what was announced, and what became of it. Both are texts, and may be forgotten after `until`. */
export interface Uploads {
  /** Storing the same upload again changes nothing. */
  open(id: string, request: string, until: Date): Promise<void>;
  find(id: string): Promise<{ readonly request: string; readonly outcome: string | undefined } | undefined>;
  /** The first outcome stays. Of an upload that is forgotten nothing is stored. */
  close(id: string, outcome: string, until: Date): Promise<void>;
}
