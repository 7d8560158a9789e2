/** Something on this machine is not as the local stage needs it. One sentence that says what, and one that says what to do. */
export class LocalFault extends Error {
  override readonly name = 'LocalFault';
  readonly type: string;
  readonly title: string;

  constructor(type: string, title: string, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.type = type;
    this.title = title;
  }
}
