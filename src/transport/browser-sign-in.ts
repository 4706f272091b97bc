import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../lib/actor';
import { ANONYMOUS } from '../lib/viewer';
import { unauthenticated } from '../errors/domain-error';
import type { Logger } from '../observability/logger';
import type { ProxyTrust } from './address';
import { addressOf } from './address';
import type { Cookies, CookieSignIn } from './cookies';
import { errorPage } from './error-page';
import { errorStatus, HttpRefusal } from './http-errors';
import { pathOf, refuse } from './http-server';

/** What `auth` decides for browsers outside GraphQL. Throws a DomainError for what it refuses. */
export interface BrowserSignIn {
  /** Where to send the browser, and the secret its cookie keeps meanwhile. */
  begin(request: BrowserFlow, actor: Actor): Promise<{ location: string; browser: string }>;
  /** Where to send it back to, and the sign-in if its cookies carry it. */
  finish(arrival: BrowserArrival, actor: Actor): Promise<{ location: string; signIn: CookieSignIn | null }>;
  register(body: object, actor: Actor): Promise<CookieSignIn>;
  login(body: object, actor: Actor): Promise<CookieSignIn>;
  refresh(refreshToken: string, actor: Actor): Promise<CookieSignIn>;
  logout(refreshToken: string, actor: Actor): Promise<void>;
}

interface BrowserFlow {
  readonly provider: string;
  readonly returnTo: string | null;
  readonly delivery: 'code' | 'cookie' | 'link';
  readonly challenge: string | null;
  readonly browser: string | null;
}

interface BrowserArrival {
  readonly provider: string;
  readonly query: string;
  readonly browser: string | null;
}

export interface BrowserSignInOptions {
  readonly signIn: BrowserSignIn;
  readonly cookies: Cookies;
  readonly logger: Logger;
  readonly trustProxy: ProxyTrust;
}

/** A little longer than a sign-in may take. */
const BROWSER_COOKIE_MS = 15 * 60_000;
const DELIVERIES = ['code', 'cookie', 'link'] as const;

/** `/auth`: to a provider and back, and sign-in by cookies. */
export function serveBrowserSignIn(server: FastifyInstance, options: BrowserSignInOptions): void {
  serveProviders(server, options);
  serveCookieMode(server, options);
}

interface ProviderRoute {
  Params: { provider: string };
  Querystring: Record<string, unknown>;
}

function serveProviders(server: FastifyInstance, { signIn, cookies, logger, trustProxy }: BrowserSignInOptions): void {
  /** A person looks at what is refused here. */
  const errorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (errorStatus(error) === 500) logger.error({ err: error, requestId: request.id, path: pathOf(request) }, 'a sign-in failed');
    return request.headers.accept?.includes('text/html') === true ? errorPage(request, reply, error) : refuse(request, reply, error);
  };

  const page = { method: 'GET', exposeHeadRoute: false, errorHandler } as const;
  server.route<ProviderRoute>({
    ...page,
    url: '/auth/:provider',
    handler: async (request, reply) => {
      const { location, browser } = await signIn.begin(flowIn(request, cookies), actorOf(request, trustProxy));
      const cookie = cookies.write('browser', browser, new Date(Date.now() + BROWSER_COOKIE_MS));
      return reply.header('set-cookie', cookie).redirect(location, 302);
    },
  });
  server.route<ProviderRoute>({
    ...page,
    url: '/auth/:provider/callback',
    handler: async (request, reply) => {
      const [, query = ''] = /\?(.*)$/s.exec(request.url) ?? [];
      const arrival = { provider: request.params.provider, query, browser: cookies.read(request.headers, 'browser') };
      const { location, signIn: signedIn } = await signIn.finish(arrival, actorOf(request, trustProxy));
      if (signedIn !== null) reply.header('set-cookie', cookies.writeSignIn(signedIn));
      return reply.redirect(location, 302);
    },
  });
}

function flowIn({ params, query, headers }: FastifyRequest<ProviderRoute>, cookies: Cookies): BrowserFlow {
  const { returnTo, delivery = 'code', challenge } = query;
  const known = DELIVERIES.find((one) => one === delivery);
  if (known === undefined) throw new HttpRefusal(400, `delivery must be one of ${DELIVERIES.join(', ')}.`, 'INVALID_VALUE');
  return {
    provider: params.provider,
    returnTo: textOf(returnTo),
    delivery: known,
    challenge: textOf(challenge),
    browser: cookies.read(headers, 'browser'),
  };
}

/** Tokens go into cookies and never into a body. Every request must come from a page that is trusted: it may sign somebody in or out. */
function serveCookieMode(server: FastifyInstance, { signIn, cookies, trustProxy }: BrowserSignInOptions): void {
  const serve = (name: string, act: (request: FastifyRequest, reply: FastifyReply, actor: Actor) => Promise<CookieSignIn | null>): void => {
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      cookies.requireTrusted(request.headers);
      if (!isRecord(request.body)) throw new HttpRefusal(400, 'Send a JSON object.', 'INVALID_VALUE');
      const signedIn = await act(request, reply, actorOf(request, trustProxy));
      if (signedIn === null) return reply.header('set-cookie', cookies.eraseSignIn()).code(204).send();
      const { user, expiresAt } = signedIn;
      const shown = { user: { id: user.id, displayName: user.displayName }, expiresAt };
      return reply.header('set-cookie', cookies.writeSignIn(signedIn)).send(shown);
    };
    server.route({ method: 'POST', url: `/auth/cookie/${name}`, handler });
  };

  serve('register', ({ body }, _reply, actor) => signIn.register(body as object, actor));
  serve('login', ({ body }, _reply, actor) => signIn.login(body as object, actor));
  serve('refresh', async ({ headers }, reply, actor) => {
    const refreshToken = cookies.read(headers, 'refresh');
    if (refreshToken === null) throw unauthenticated();
    try {
      return await signIn.refresh(refreshToken, actor);
    } catch (error) {
      // What the browser keeps is good for nothing then.
      if (errorStatus(error) === 401) reply.header('set-cookie', cookies.eraseSignIn());
      throw error;
    }
  });
  serve('logout', async ({ headers }, _reply, actor) => {
    const refreshToken = cookies.read(headers, 'refresh');
    if (refreshToken !== null) await signIn.logout(refreshToken, actor);
    return null;
  });
}

function actorOf(request: FastifyRequest, trustProxy: ProxyTrust): Actor {
  return { viewer: ANONYMOUS, address: addressOf(request.raw, trustProxy), requestId: request.id };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
