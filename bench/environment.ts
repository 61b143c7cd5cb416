import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { version } from '../src/platform/version.ts';
import type { BenchDatabase } from './database.ts';

/** Where and with what it was measured. */
export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly postgres_settings: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  /** Of the last minute, at the end of the run: the run itself is about 2. */
  readonly load_average: number;
}

const packages = ['fastify', 'pg', 'pg-boss', 'ajv', 'kysely', '@bufbuild/cel'];

export async function environment({ ask }: BenchDatabase): Promise<Environment> {
  const settings = await ask<{ name: string; setting: string }>(
    'ours',
    `select name, current_setting(name) as setting from pg_settings where name in ('server_version', 'fsync', 'synchronous_commit',
       'full_page_writes', 'shared_buffers', 'max_wal_size', 'wal_compression', 'checkpoint_timeout') order by name`,
  );
  const { server_version: postgres = '', ...rest } = Object.fromEntries(
    settings.map(({ name, setting }) => [name, setting]),
  );
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    postgres,
    postgres_settings: rest,
    versions: { signalbox: version, ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])) },
    load_average: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

function versionOf(name: string): string {
  const path = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
