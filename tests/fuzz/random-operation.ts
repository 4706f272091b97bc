import type { GeneratorValue } from 'fast-check';
import * as fc from 'fast-check';
import { getNamedType, isAbstractType, isEnumType, isInputObjectType, isLeafType, isListType, isNonNullType, isObjectType } from 'graphql';
import type { GraphQLArgument, GraphQLField, GraphQLInputType, GraphQLObjectType, GraphQLOutputType, GraphQLSchema } from 'graphql';
import { StreamCursor } from '../../src/graphql/scalars';

const DEEPEST = 4;
const MOST_FIELDS = 4;
const ODD_TEXTS = ['', ' ', '\u202e', 'a\u0000b', '🙂', '${1}', "';--", '../..', '=1+1', 'x'.repeat(300)];

/** Writes operations that the schema allows, one choice after the other; `known` are ids that exist. */
export class RandomOperation {
  private aliases = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly known: readonly string[],
    private readonly choose: GeneratorValue,
    /** Root fields that would end what the others stand on. */
    private readonly never: ReadonlySet<string>,
  ) {}

  text(): string {
    const mutates = this.oneIn(2);
    const root = mutates ? this.schema.getMutationType() : this.schema.getQueryType();
    if (root == null) throw new Error('the schema has no root');
    return `${mutates ? 'mutation' : 'query'} ${this.selection(root, DEEPEST, mutates ? 1 : MOST_FIELDS)}`;
  }

  private selection(type: GraphQLOutputType, depth: number, most = MOST_FIELDS): string {
    if (isAbstractType(type)) {
      const possible = this.pick(this.schema.getPossibleTypes(type));
      return `{ __typename ... on ${possible.name} ${this.selection(possible, depth)} }`;
    }
    if (!isObjectType(type)) throw new Error(`${String(type)} has no fields`);
    const fields = this.fieldsOf(type, depth);
    if (fields.length === 0) return '{ __typename }';
    const chosen = Array.from({ length: 1 + this.below(most) }, () => this.field(this.pick(fields), depth));
    return `{ ${chosen.join(' ')} }`;
  }

  private fieldsOf(type: GraphQLObjectType, depth: number): GraphQLField<unknown, unknown>[] {
    return Object.values(type.getFields()).filter(
      ({ name, type: of }) => !this.never.has(name) && (depth > 0 || isLeafType(getNamedType(of))),
    );
  }

  /** Each under a name of its own: the same field with other arguments would not merge. */
  private field({ name, args, type }: GraphQLField<unknown, unknown>, depth: number): string {
    const inner = getNamedType(type);
    const given = args.filter((arg) => isNonNullType(arg.type) || this.oneIn(2)).map((arg) => this.argument(arg));
    const selection = isLeafType(inner) ? '' : ` ${this.selection(inner, depth - 1)}`;
    return `f${(this.aliases += 1)}: ${name}${given.length === 0 ? '' : `(${given.join(', ')})`}${selection}`;
  }

  private argument({ name, type }: GraphQLArgument): string {
    return `${name}: ${this.value(type)}`;
  }

  private value(type: GraphQLInputType): string {
    if (isNonNullType(type)) return this.value(type.ofType);
    if (isListType(type)) return `[${Array.from({ length: this.below(4) }, () => this.value(type.ofType)).join(', ')}]`;
    if (isEnumType(type)) return this.pick(type.getValues()).name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || this.oneIn(2));
      return `{ ${fields.map((field) => `${field.name}: ${this.value(field.type)}`).join(', ')} }`;
    }
    return this.scalar(type.name);
  }

  private scalar(name: string): string {
    if (name === 'Boolean') return String(this.oneIn(2));
    if (name === 'Int') return String(this.pick([0, 1, 2, 50, 100, 101, -1, 2 ** 31 - 1]));
    if (name === 'Float') return String(this.pick([0, 0.5, 1, -1, 1e9, 1e300]));
    if (name === 'DateTime') return this.pick(['"2030-01-01T00:00:00Z"', '"1970-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"']);
    if (name === 'StreamCursor') return JSON.stringify(StreamCursor.serialize({ epoch: 'e', offset: this.below(100) }));
    if (name === 'JSON') return this.pick(['{}', '{ a: [1, { b: null }] }']);
    return JSON.stringify(this.oneIn(2) ? this.pick(this.known) : this.choose(() => fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string())));
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  private oneIn(many: number): boolean {
    return this.below(many) === 0;
  }

  private below(bound: number): number {
    return this.choose(fc.nat, bound - 1);
  }
}
