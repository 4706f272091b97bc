import { GraphQLError } from 'graphql';
import { DomainError } from '../errors/domain-error';
import { BoundedCache } from '../lib/bounded-cache';
import { digest } from '../lib/digest';
import { MAX_DOCUMENT_BYTES, MAX_DOCUMENTS } from './document-cache';
import type { PublicErrorCode } from './error-format';
import type { OperationRequest } from './operation';

/** The operations of our own clients, by the names that their build gave them. */
export interface TrustedDocuments {
  readonly documents: ReadonlyMap<string, string>;
  /** Whether anything else is refused. */
  readonly only: boolean;
}

/**
 * Finds the document of a request that names one: a trusted document by its name, or what some client has sent before together with its
 * SHA-256 (automatic persisted queries). The latter is a saving of bytes and no protection: whoever may send documents may register them.
 */
export class NamedDocuments {
  private readonly registered = new BoundedCache<string>({ entries: MAX_DOCUMENTS, bytes: MAX_DOCUMENT_BYTES });
  private readonly trusted: ReadonlyMap<string, string>;
  private readonly trustedTexts: ReadonlySet<string>;
  private readonly only: boolean;

  constructor({ documents, only }: TrustedDocuments = { documents: new Map(), only: false }) {
    this.trusted = new Map([...documents].map(([name, text]) => [bare(name), text]));
    this.trustedTexts = new Set(documents.values());
    this.only = only;
  }

  /** Of the documents that clients have registered. */
  get bytes(): number {
    return this.registered.bytes;
  }

  textOf({ query, extensions }: OperationRequest): string {
    const name = nameIn(extensions);
    const known = name === null ? undefined : this.trusted.get(name);
    if (known !== undefined) return known;
    if (this.only && !this.trustedTexts.has(query)) throw notTrusted();
    if (name === null) return query;
    return query === '' ? this.find(name) : this.register(name, query);
  }

  private find(name: string): string {
    const text = this.registered.get(name);
    if (text === undefined) throw refusal('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
    return text;
  }

  private register(name: string, query: string): string {
    if (digest(query) !== name) {
      throw refusal('BAD_REQUEST', 'The hash is not that of the document.', 'HASH_MISMATCH');
    }
    this.registered.set(name, query, 2 * (name.length + query.length));
    return query;
  }
}

/** As Apollo's clients write it; transports bring `documentId` into this form. */
function nameIn(extensions: OperationRequest['extensions']): string | null {
  const named = extensions?.persistedQuery;
  if (named === undefined || named === null) return null;
  const { version, sha256Hash } = Object(named) as { readonly version?: unknown; readonly sha256Hash?: unknown };
  if (version !== 1 || typeof sha256Hash !== 'string') {
    throw refusal('PERSISTED_QUERY_NOT_SUPPORTED', 'A document is named by `version: 1` and its `sha256Hash`.');
  }
  return bare(sha256Hash);
}

/** Builds of clients say by which algorithm they made a name; requests often do not. */
function bare(name: string): string {
  return name.replace(/^sha(1|256):/, '');
}

function notTrusted(): DomainError {
  return new DomainError('FORBIDDEN', {
    message: 'This server executes the documents of its own clients only.',
    reason: 'DOCUMENT_NOT_TRUSTED',
  });
}

/** A refusal of the request itself, in words that are safe to show. */
export function refusal(code: PublicErrorCode, message: string, reason?: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...(reason !== undefined && { reason }) } });
}
