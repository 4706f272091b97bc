import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error';
import type { Gate, Visitor } from '../graphql/gate';
import { ANONYMOUS } from '../lib/viewer';
import { addressOf } from './address';
import type { ProxyTrust } from './address';
import type { Authenticate } from './authenticate';
import type { Cookies } from './cookies';
import { rateHeaders } from './rate-headers';

export interface Doorkeeping {
  readonly authenticate: Authenticate;
  readonly cookies: Cookies;
  readonly trustProxy: ProxyTrust;
  /** Left out, nothing is counted. */
  readonly gate?: Gate;
}

/** Who sends this request. Throws UNAUTHENTICATED for a token that is not good, which speaks against the address. */
export async function visitorOf(request: FastifyRequest, { authenticate, cookies, trustProxy, gate }: Doorkeeping): Promise<Visitor> {
  const nobody = { viewer: ANONYMOUS, address: addressOf(request.raw, trustProxy) };
  return held(gate, nobody, async () => ({ ...nobody, viewer: await authenticate(cookies.authorizationOf(request.headers)) }));
}

/** For requests beside GraphQL: they take points of the same rates as operations, say so by the same headers, and count as they do. */
export async function charged<T>(
  gate: Gate | undefined,
  visitor: Visitor,
  points: number,
  reply: FastifyReply,
  work: () => Promise<T>,
): Promise<T> {
  return held(gate, visitor, async () => {
    reply.headers(rateHeaders((await gate?.admit(visitor, points)) ?? null));
    return work();
  });
}

/** What it is refused speaks against the visitor. */
async function held<T>(gate: Gate | undefined, visitor: Visitor, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DomainError) gate?.noted(visitor, error);
    throw error;
  }
}
