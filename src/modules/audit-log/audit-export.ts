import { stringify } from 'csv-stringify/sync';
import { z } from 'zod';
import { badInput } from '../../errors/domain-error';
import type { Actor } from '../../lib/actor';
import type { AuditEntryRecord } from '../audit';
import type { AuditLogService } from './audit-log.service';

/** A file that is made while it is taken. */
export interface AuditFile {
  readonly mediaType: string;
  readonly fileName: string;
  readonly chunks: AsyncIterable<string>;
}

const COLUMNS = [
  'at',
  'id',
  'action',
  'organizationId',
  'actorKind',
  'actorId',
  'targetId',
  'address',
  'requestId',
  'details',
] as const satisfies readonly (keyof AuditEntryRecord)[];

const MOMENT = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .optional();
const NAME = z.string().max(64).optional();

const REQUEST = z.strictObject({
  organizationId: NAME,
  format: z.enum(['csv', 'jsonl']).default('csv'),
  action: NAME,
  actorId: NAME,
  targetId: NAME,
  from: MOMENT,
  to: MOMENT,
});

type Format = z.output<typeof REQUEST>['format'];

const MEDIA_TYPES: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
};

/** For the transport: the file that this query string asks for. BAD_USER_INPUT for one that cannot be read. */
export async function openAuditFile(auditLog: AuditLogService, actor: Actor, query: unknown): Promise<AuditFile> {
  const { organizationId = null, format, ...filter } = readRequest(query);
  const pages = await auditLog.export(actor, organizationId, filter, format);
  return { mediaType: MEDIA_TYPES[format], fileName: `audit.${format}`, chunks: written(pages, format) };
}

function readRequest(query: unknown): z.output<typeof REQUEST> {
  const read = REQUEST.safeParse(query);
  if (read.success) return read.data;
  const field = read.error.issues[0]?.path[0];
  throw badInput(typeof field === 'string' ? field : 'query', 'is not valid');
}

async function* written(pages: AsyncIterable<readonly AuditEntryRecord[]>, format: Format): AsyncGenerator<string> {
  if (format === 'csv') yield toCsv([COLUMNS]);
  for await (const page of pages) yield format === 'csv' ? toCsv(page.map(cellsOf)) : page.map(toLine).join('');
}

/**
 * A cell that a spreadsheet would take for a formula gets an apostrophe in front, so that it shows and does not run. A lone carriage return
 * is quoted as well: some would begin a row there, and so a formula without its apostrophe.
 */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return stringify(rows as string[][], { escape_formulas: true, record_delimiter: '\r\n', quoted_match: /[\r\n]/ });
}

function cellsOf(entry: AuditEntryRecord): string[] {
  return COLUMNS.map((column) => {
    const value = entry[column];
    if (value === null) return '';
    if (value instanceof Date) return value.toISOString();
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function toLine(entry: AuditEntryRecord): string {
  return `${JSON.stringify(Object.fromEntries(COLUMNS.map((column) => [column, entry[column]])))}\n`;
}
