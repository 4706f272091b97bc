import { badInput } from '../../errors/domain-error';
import type { PageArgs } from '../../graphql/connection';
import { pageRequest, toConnection } from '../../graphql/connection';
import { parsePlace, WALKS } from './question-order';
import type { QuestionService } from './question.service';
import { QuestionConnection, toQuestion } from './question.type';

/** A page of a session's questions, as its reader may see them. */
export async function questionPage(
  questions: QuestionService,
  source: QuestionConnection['source'],
  args: PageArgs,
): Promise<QuestionConnection> {
  const { sessionId, reader, order } = source;
  const { parts, placeOf } = WALKS[order];
  const list = `questions.${order}`;
  const request = pageRequest(args, list, parts.length);
  const beyond = request.beyond && parsePlace(order, request.beyond);
  if (request.beyond !== null && beyond === null) throw badInput('after', 'is not a cursor of this list');
  const rows = await questions.list(reader, sessionId, { order, beyond, limit: request.size + 1 });
  return Object.assign(new QuestionConnection(), toConnection(request, list, rows, placeOf, toQuestion), { source });
}
