import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { decodeCursor, encodeCursor } from '../lib/cursor';
import { isoTime } from '../lib/iso-time';
import type { Position } from '../realtime/event';

/** graphql-scalars leaves a `Date` for JSON to print, at twice the price of printing it here. */
export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTime.toConfig(),
  serialize: (value) => (value instanceof Date ? isoTime(value) : GraphQLDateTime.serialize(value)),
});
export const JsonScalar = GraphQLJSON;

/** Opaque on the wire, a `Position` inside. Whatever was not made here is refused as BAD_USER_INPUT. */
export const StreamCursor = new GraphQLScalarType<Position, string>({
  name: 'StreamCursor',
  description: 'A place in one stream. Opaque: keep the last one received and pass it back as `after` to go on from there.',
  serialize: (value) => encodePosition(value as Position),
  parseValue: (value) => decodePosition(value),
  parseLiteral: (node) => decodePosition(node.kind === Kind.STRING ? node.value : null),
});

function encodePosition({ epoch, offset }: Position): string {
  return encodeCursor('s', [epoch, offset]);
}

function decodePosition(value: unknown): Position {
  const parts = typeof value === 'string' ? decodeCursor('s', value, 2) : null;
  const [epoch, offset] = parts ?? [];
  if (epoch === undefined || offset === undefined || !/^[a-z0-9]{1,32}$/.test(epoch) || !/^(0|[1-9]\d{0,14})$/.test(offset)) {
    throw new GraphQLError('Not a stream cursor.', { extensions: { code: 'BAD_USER_INPUT', reason: 'INVALID_CURSOR' } });
  }
  return { epoch, offset: Number(offset) };
}
