import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { pageCost, pageRequest, toConnection } from '../../graphql/connection';
import type { Context } from '../../graphql/context';
import type { EditService } from './edit.service';
import { MessageEditConnection, toMessageEdit } from './edit.type';
import { offsetAfter } from './message-cursor';
import { Message } from './message.type';

const LIST = 'edits';

@Resolver(() => Message)
export class EditResolver {
  constructor(private readonly service: EditService) {}

  @FieldResolver(() => MessageEditConnection, {
    complexity: pageCost,
    description: 'What it said before its edits, oldest first; nothing once it is deleted.',
  })
  async edits(
    @Root() message: Message,
    @Ctx() { viewer }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 100; 25 when left out.' }) first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'The cursor to go on after.' }) after?: string | null,
  ): Promise<MessageEditConnection> {
    const request = pageRequest({ first, after }, LIST, 1);
    const rows = await this.service.list(viewer, message, offsetAfter(request) ?? 0, request.size + 1);
    return toConnection(request, LIST, rows, ({ number }) => [number], toMessageEdit);
  }
}
