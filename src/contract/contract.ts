/** One thing that is wrong with a payload. */
export interface Violation {
  /** JSON pointer to the value, `` for the whole. */
  readonly path: string;
  /** The schema keyword that failed: `required`, `type`, `enum`, … */
  readonly rule: string;
  /** One sentence for a person: "project_type is missing". */
  readonly message: string;
  /** What stands there, a text shortened; absent where nothing does, where it is no single value, and where it is hidden. */
  readonly value?: string | number | boolean | null;
  /** Set where the contract says that the value is not to be shown. */
  readonly hidden?: true;
  /** What would satisfy the contract, where that is a small change; tried on the payload. */
  readonly repair?: Repair;
}

/** A proposal, for a person to accept: nothing is ever repaired by itself. */
export interface Repair {
  /** "rename projectType to project_type". */
  readonly text: string;
  readonly patch: readonly PatchStep[];
}

/** A step of a JSON Patch (RFC 6902) against the payload. */
export type PatchStep =
  | { readonly op: 'move'; readonly from: string; readonly path: string }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

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
