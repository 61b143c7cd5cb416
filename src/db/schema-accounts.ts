import type { Generated, GeneratedAlways } from 'kysely';

/** The tables of accounts and of what watchers are told. */

export type Role = 'viewer' | 'operator' | 'owner' | 'approver' | 'administrator';

export interface AccountTable {
  /** Key of `people` in the project. */
  person: string;
  roles: Role[];
  password: string | null;
  totp_secret: Buffer | null;
  totp_confirmed_at: Date | null;
  totp_step: Generated<number>;
  oidc_subject: string | null;
  created_at: Date;
  closed_at: Date | null;
}

export interface SignInSessionTable {
  id: GeneratedAlways<number>;
  digest: Buffer;
  person: string;
  proof: string;
  address: string;
  agent: string;
  created_at: Date;
  seen_at: Date;
  expires_at: Date;
}

export interface SignInTokenTable {
  digest: Buffer;
  kind: 'link' | 'second_step' | 'passkey' | 'oidc';
  person: string | null;
  data: unknown;
  tries: Generated<number>;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

export interface PasskeyTable {
  id: string;
  person: string;
  name: string;
  public_key: Buffer;
  counter: number;
  transports: string[];
  created_at: Date;
  used_at: Date | null;
}

export interface BackupCodeTable {
  person: string;
  digest: Buffer;
}

export interface ApiKeyTable {
  id: GeneratedAlways<number>;
  digest: Buffer;
  hint: string;
  person: string;
  name: string;
  scopes: string[];
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
  revoked_at: Date | null;
}

export interface AccountActTable {
  id: GeneratedAlways<number>;
  at: Date;
  actor: string;
  person: string | null;
  act: string;
  detail: unknown;
}

export interface ChangeTable {
  id: GeneratedAlways<number>;
  at: Date;
  changes: unknown;
}
