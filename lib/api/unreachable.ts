/** The API did not answer, or answered something that is not a response of this API. Without imports: every command knows it, also where nothing is asked. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}
