/*
 * Requests that name a document instead of sending it. What speaks the protocols here knows documents only, at best Apollo's automatic
 * persisted queries: so every form is brought into the latter, with an empty text where one is demanded. The pipeline does the rest.
 */

type Params = Readonly<Record<string, unknown>>;

/** The same request with `documentId` as Apollo's clients would name it, and an empty text where there is none. */
export function withNamedDocument(params: Params): Params {
  const { documentId, query, extensions } = params;
  if (query !== undefined && query !== null) return params;
  const named =
    typeof documentId === 'string'
      ? { ...(extensions as object | null | undefined), persistedQuery: { version: 1, sha256Hash: documentId } }
      : extensions;
  return namesDocument(named) ? { ...params, query: '', extensions: named } : params;
}

/** The same for a request that is all in its address. */
export function withNamedDocumentIn(url: string): string {
  const [path = '', search = ''] = url.split('?', 2);
  const params = new URLSearchParams(search);
  if (params.has('query') || !(params.has('documentId') || params.has('extensions'))) return url;
  const named = withNamedDocument({ documentId: params.get('documentId'), extensions: asJson(params.get('extensions')) });
  if (named.query === undefined) return url;
  params.set('query', '');
  params.set('extensions', JSON.stringify(named.extensions));
  return `${path}?${params.toString()}`;
}

function namesDocument(extensions: unknown): boolean {
  const { persistedQuery } = Object(extensions) as { readonly persistedQuery?: unknown };
  return persistedQuery !== undefined && persistedQuery !== null;
}

/** Whatever speaks the protocol refuses what is not JSON. */
function asJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
