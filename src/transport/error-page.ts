import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorBody, errorStatus } from './http-errors';

/** What a person sees whose browser was sent here and has no page of its own to go back to. Plain: its policy lets nothing load or run. */
export function errorPage(request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  const [shown] = errorBody(error, request.id).errors;
  const { reason, code, requestId } = shown?.extensions ?? { code: 'INTERNAL_SERVER_ERROR', requestId: request.id };
  return reply
    .code(errorStatus(error))
    .type('text/html; charset=utf-8')
    .send(
      `<!doctype html><html lang="en"><title>Not signed in</title><h1>Not signed in</h1>` +
        `<p>${escaped(shown?.message ?? '')}</p><p><code>${escaped(reason ?? code)}</code> · <code>${escaped(requestId)}</code></p></html>\n`,
    );
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
