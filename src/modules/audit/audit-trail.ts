import type { Actor } from '../../lib/actor';
import { idKind } from '../../lib/ids';
import type { Viewer } from '../../lib/viewer';
import type { Db, Tx } from '../../persistence/database';
import type { AuditAction } from './audit-actions';
import type { AuditEntryRecord, AuditRepository, AuditSearch, NewAuditEntry } from './audit.repository';

export const auditEntryIds = idKind('aud');

/** What was done. */
export interface AuditFact {
  readonly action: AuditAction;
  readonly organizationId?: string | null;
  /** What it was done to: an id of ours. */
  readonly targetId?: string | null;
  /** Facts by name: roles, ids, scopes. Never secrets, never what people wrote. */
  readonly details?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

type Doer = Pick<NewAuditEntry, 'actorKind' | 'actorId' | 'address' | 'requestId'>;

const SERVER: Doer = { actorKind: 'system', actorId: null, address: null, requestId: null };

/** Append-only. Reading decides no rights: whoever reads has asked who may. */
export class AuditTrail {
  constructor(private readonly entries: AuditRepository) {}

  /** In the transaction that makes it true: it is recorded if, and only if, it happened. Costs no round trip of its own. */
  record(tx: Tx, { viewer, address, requestId }: Actor, fact: AuditFact): void {
    this.insert(tx, { ...identityOf(viewer), address, requestId }, fact);
  }

  /** The same for what the server does by itself. */
  recordOwn(tx: Tx, fact: AuditFact): void {
    this.insert(tx, SERVER, fact);
  }

  /** Newest first. */
  list(db: Db, search: AuditSearch): Promise<AuditEntryRecord[]> {
    return this.entries.search(db, search);
  }

  /** What was done in one session to its questions and people, newest first. */
  listOfSession(db: Db, sessionId: string, limit: number): Promise<AuditEntryRecord[]> {
    return this.entries.listOfSession(db, sessionId, limit);
  }

  find(db: Db, id: string): Promise<AuditEntryRecord | null> {
    return auditEntryIds.is(id) ? this.entries.find(db, id) : Promise.resolve(null);
  }

  private insert(tx: Tx, doer: Doer, { action, organizationId = null, targetId = null, details = {} }: AuditFact): void {
    this.entries.insert(tx, { id: auditEntryIds.create(), action, organizationId, targetId, details, ...doer });
  }
}

function identityOf(viewer: Viewer): Pick<Doer, 'actorKind' | 'actorId'> {
  switch (viewer.kind) {
    case 'user':
      return viewer.key === undefined ? { actorKind: 'user', actorId: viewer.userId } : { actorKind: 'key', actorId: viewer.key.id };
    case 'guest':
      return { actorKind: 'guest', actorId: viewer.attendeeId };
    case 'anonymous':
      return { actorKind: 'anonymous', actorId: null };
  }
}
