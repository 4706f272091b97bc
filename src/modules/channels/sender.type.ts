import { Field, ID, ObjectType } from 'type-graphql';
import { Shareable } from '../../graphql/shareable';
import type { Participant } from './channel-access';

@Shareable<Sender>('id', 'displayName')
@ObjectType({ description: "Whoever wrote: a user, or a guest known only by an attendee's name." })
export class Sender {
  @Field(() => ID, { description: "The user's id, or the attendee's id of a guest." })
  id!: string;

  @Field({ description: 'The name at the time of writing.' })
  displayName!: string;
}

export function toSender({ id, displayName }: Participant): Sender {
  return Object.assign(new Sender(), { id, displayName });
}
