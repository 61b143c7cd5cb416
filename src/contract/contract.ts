/** One thing that is wrong with a payload. */
export interface Violation {
  /** JSON pointer to the value, `` for the whole. */
  readonly path: string;
  /** The schema keyword that failed: `required`, `type`, `enum`, … */
  readonly rule: string;
  /** One sentence for a person: "project_type is missing". */
  readonly message: string;
}

/** A compiled schema that payloads must satisfy. */
export interface Contract {
  /** Where it stands: `contracts/lead.schema.json` or `crm.openapi.yaml#/components/schemas/Lead`. */
  readonly name: string;
  /** The schema itself, references resolved within its document, for type checking of expressions. */
  readonly schema: unknown;
  /** Empty where the value satisfies the contract; at most `limits.violationsMax` listed. */
  validate(value: unknown): readonly Violation[];
  /** What is unusual about the schema and worth knowing: a pattern that is matched by backtracking. */
  readonly warnings?: readonly string[];
}
