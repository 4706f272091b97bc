import 'reflect-metadata';
import { GraphQLError } from 'graphql';
import { ArgumentValidationError } from 'type-graphql';
import { DomainError, ERROR_CODES, notFound } from '../../src/errors/domain-error';
import type { ErrorCode } from '../../src/errors/domain-error';
import { toPublicError } from '../../src/graphql/error-format';

describe('what leaves the server', () => {
  test.each(Object.keys(ERROR_CODES).filter((code) => code !== 'INTERNAL_SERVER_ERROR') as ErrorCode[])('%s keeps its words', (code) => {
    const error = new DomainError(code, { message: 'Shown.', reason: 'BECAUSE', details: { a: 1 }, cause: new Error('canary') });
    const { message, extensions } = toPublicError(error, 'r1');
    expect(message).toBe('Shown.');
    expect(extensions).toEqual({
      code,
      reason: 'BECAUSE',
      details: { a: 1 },
      requestId: 'r1',
      ...(ERROR_CODES[code].retryable && { retryable: true }),
    });
  });

  test.each([
    ['a plain error', new Error('canary')],
    ['a thrown string', 'canary'],
    ['nothing', undefined],
    ['a fault named as such', new DomainError('INTERNAL_SERVER_ERROR', { message: 'canary', reason: 'canary' })],
    ['a GraphQL error of a library', new GraphQLError('canary', { extensions: { code: 'canary', stacktrace: ['canary'] } })],
    [
      'a wrapped error',
      new GraphQLError('canary', { originalError: new GraphQLError('canary', { originalError: new TypeError('canary') }) }),
    ],
  ])('%s is masked', (_what, error) => {
    const shown = toPublicError(error, 'r1');
    expect(shown.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: 'r1' });
    expect(JSON.stringify(shown)).not.toContain('canary');
  });

  test('a domain error under several wrappings keeps the path of the outermost', () => {
    const inner = new GraphQLError('inner', { originalError: notFound('Session') });
    const shown = toPublicError(new GraphQLError('outer', { originalError: inner, path: ['session'] }), 'r1');
    expect(shown).toMatchObject({ message: 'Session not found.', path: ['session'], extensions: { code: 'NOT_FOUND' } });
  });

  test('input that fails validation is told field by field, nested ones by their path', () => {
    const error = new ArgumentValidationError([
      { property: 'title', constraints: { isNotEmpty: 'title should not be empty' }, value: 'canary', target: { canary: 1 } },
      {
        property: 'items',
        children: [
          {
            property: '0',
            children: [{ property: 'name', constraints: { maxLength: 'name must be shorter than or equal to 3 characters' } }],
          },
        ],
      },
    ]);
    const shown = toPublicError(error, 'r1');
    expect(shown.message).toBe('title should not be empty.');
    expect(shown.extensions.details).toEqual({
      fields: [
        { path: 'title', problem: 'should not be empty' },
        { path: 'items.0.name', problem: 'must be shorter than or equal to 3 characters' },
      ],
    });
    expect(JSON.stringify(shown)).not.toContain('canary');
  });
});
