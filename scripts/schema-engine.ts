import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { projectRoot } from '../src/persistence/migration-files';

type SchemaEngineModule = typeof import('@prisma/schema-engine-wasm/schema_engine_bg');

export type SchemaEngine = Awaited<ReturnType<SchemaEngineModule['SchemaEngine']['new']>>;

/** The part of the global that is used here: its types come with the browser's, which Node's code does not have. */
declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

export interface SchemaFile {
  readonly path: string;
  readonly content: string;
}

export async function readSchema(): Promise<SchemaFile> {
  const path = join(projectRoot(), 'prisma', 'schema.prisma');
  return { path, content: await readFile(path, 'utf8') };
}

/** Prisma's own schema engine, connected to `pglite`. It is WebAssembly from npm, where Prisma's CLI wants to download a program. */
export async function openSchemaEngine(pglite: PGlite, { path, content }: SchemaFile): Promise<SchemaEngine> {
  const { SchemaEngine } = await loadSchemaEngine();
  return SchemaEngine.new(
    { datamodels: [[path, content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new PrismaPGlite(pglite)),
  );
}

/** The package's own entry imports its `.wasm` as a module, which Node cannot do: so both halves are joined here. */
async function loadSchemaEngine(): Promise<SchemaEngineModule> {
  const engine = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const entry = createRequire(__filename).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = await readFile(join(dirname(entry), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': engine });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return engine;
}
