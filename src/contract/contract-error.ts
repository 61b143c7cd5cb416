/** A schema that cannot be used; the message says why, the pointer where. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  /** JSON pointer into the document. */
  readonly pointer: string;

  constructor(message: string, pointer: string, options?: ErrorOptions) {
    super(message, options);
    this.pointer = pointer;
  }
}
