import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { GraphiqlTab } from './graphiql-examples';
import { EXAMPLE_TABS } from './graphiql-examples';
import { GRAPHIQL_FETCHER } from './graphiql-fetcher';

const TITLE = 'Parley';
const PATH = '/graphiql';

interface Page {
  readonly html: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
  readonly policy: string;
}

/**
 * The playground, whole in one page of our own: nothing is loaded from elsewhere, and its policy would not let it. It is 9 MB, so it is
 * made at the first visit and kept compressed.
 */
export function serveGraphiql(server: FastifyInstance, tabs: readonly GraphiqlTab[] = EXAMPLE_TABS): void {
  let page: Promise<Page> | null = null;
  server.get(PATH, async (request, reply) => {
    page ??= renderPage(tabs);
    const { html, gzipped, etag, policy } = await page;
    reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-cache', etag, vary: 'Accept-Encoding' });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    reply.type('text/html; charset=utf-8');
    const compressed = request.headers['accept-encoding']?.includes('gzip') === true;
    return compressed ? reply.header('content-encoding', 'gzip').send(gzipped) : reply.send(html);
  });
}

async function renderPage(tabs: readonly GraphiqlTab[]): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = withFetcher(renderGraphiQL({ title: TITLE }), tabs);
  const bytes = Buffer.from(html);
  return {
    html: bytes,
    gzipped: await promisify(gzip)(bytes),
    etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
    policy: policyFor(scriptOf(html)),
  };
}

/**
 * The page's own fetcher would open WebSockets without the headers that the visitor has set, so its subscriptions would be anonymous. It
 * takes another one, and several tabs, but only from script: the package writes its options as JSON.
 */
function withFetcher(html: string, tabs: readonly GraphiqlTab[]): string {
  const options = JSON.stringify({ title: TITLE });
  const end = html.lastIndexOf(options);
  if (end < 0) throw new Error('the playground page has another shape than expected');
  const props = `Object.assign(${options}, { fetcher: ${GRAPHIQL_FETCHER}, defaultTabs: ${inScript(tabs)} })`;
  return html.slice(0, end) + props + html.slice(end + options.length);
}

function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function scriptOf(html: string): string {
  const opening = '<script>';
  return html.slice(html.indexOf(opening) + opening.length, html.lastIndexOf('</script>'));
}

/** The one inline script by its hash. Styles cannot be: the editor writes its own while it runs. */
function policyFor(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
