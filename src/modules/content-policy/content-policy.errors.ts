import { DomainError } from '../../errors/domain-error';
import type { ContentRule } from './content-policy.repository';

const PROBLEMS: Readonly<Record<ContentRule, string>> = {
  WORDS: 'holds words that are not wanted here',
  LINKS: 'links to where it may not',
};

/** Names the rule, never the word: whoever tries is not told what to write instead. */
export function contentRefused(field: string, rule: ContentRule): DomainError {
  const problem = PROBLEMS[rule];
  return new DomainError('BAD_USER_INPUT', {
    reason: 'CONTENT_REFUSED',
    message: `${field} ${problem}.`,
    details: { rule, fields: [{ path: field, problem }] },
  });
}
