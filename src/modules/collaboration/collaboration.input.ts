import { IsOptional, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { JsonScalar } from '../../graphql/scalars';
import { CollaborationList } from './item.repository';

const NOT_BLANK = /\S/;
const BLANK = { message: 'must not be empty' };
const MAX_BODY = 2_000;
const BODY_TOO_LONG = { message: `must have at most ${MAX_BODY} characters` };
const FRACTION = { message: 'must be from 0 to 1' };
const SESSION = 'The session.';
const ITEM = 'The item.';
const VERSION = 'The version that this was decided on: CONFLICT ITEM_CHANGED, with the newest, when there is another.';
const AFTER = 'The item of the same list that it stands behind; null: it stands first; left out: last.';
const DATA = 'What clients keep with it, such as what an annotation draws: at most 8 kB as JSON.';

@InputType({ description: 'An item to add to a list of a session.' })
export class AddCollaborationItemInput {
  @Field(() => ID, { description: SESSION })
  sessionId!: string;

  @Field(() => CollaborationList, { description: 'The list.' })
  list!: CollaborationList;

  @Field({ description: 'The text, 1 to 2,000 characters.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(MAX_BODY, BODY_TOO_LONG)
  body!: string;

  @Field(() => JsonScalar, { nullable: true, description: DATA })
  data?: unknown;

  @Field(() => ID, { nullable: true, description: AFTER })
  afterId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Drawn by the client, 1 to 64 characters: the same one from the same attendee is the same item.',
  })
  @IsOptional()
  @Length(1, 64, { message: 'must have 1 to 64 characters' })
  clientId?: string | null;
}

@InputType({ description: 'Changes to an item. What is left out stays; null clears `data`.' })
export class EditCollaborationItemInput {
  @Field(() => ID, { description: ITEM })
  itemId!: string;

  @Field(() => Int, { description: VERSION })
  version!: number;

  @Field(() => String, { nullable: true, description: 'The text, 1 to 2,000 characters.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(MAX_BODY, BODY_TOO_LONG)
  body?: string | null;

  @Field(() => JsonScalar, { nullable: true, description: DATA })
  data?: unknown;

  @Field(() => Boolean, { nullable: true, description: 'Whether it is done with.' })
  done?: boolean | null;
}

@InputType({ description: 'Where an item is to stand.' })
export class MoveCollaborationItemInput {
  @Field(() => ID, { description: ITEM })
  itemId!: string;

  @Field(() => Int, { description: VERSION })
  version!: number;

  @Field(() => ID, { nullable: true, description: AFTER })
  afterId?: string | null;
}

@InputType({ description: 'An item to take away.' })
export class RemoveCollaborationItemInput {
  @Field(() => ID, { description: ITEM })
  itemId!: string;

  @Field(() => Int, { description: VERSION })
  version!: number;
}

@InputType({ description: "Where the caller's pointer is." })
export class MovePointerInput {
  @Field(() => ID, { description: SESSION })
  sessionId!: string;

  @Field(() => Float, { description: 'From the left, as a part of the width: 0 to 1.' })
  @Min(0, FRACTION)
  @Max(1, FRACTION)
  x!: number;

  @Field(() => Float, { description: 'From the top, as a part of the height: 0 to 1.' })
  @Min(0, FRACTION)
  @Max(1, FRACTION)
  y!: number;

  @Field(() => String, { nullable: true, description: 'What it points into, by a name that the clients agree on; at most 100 characters.' })
  @MaxLength(100, { message: 'must have at most 100 characters' })
  target?: string | null;

  @Field(() => Boolean, { defaultValue: true, description: 'False takes it away.' })
  visible!: boolean;
}
