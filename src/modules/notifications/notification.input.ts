import { ArrayMaxSize, ArrayNotEmpty, IsOptional, Length, Matches, Max, MaxLength, Min } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { JsonScalar } from '../../graphql/scalars';
import type { Json } from '../../realtime/event';
import { NotificationPort, NotificationPriority, NotificationType, ProgressState } from './notification.type';

const NOT_BLANK = /\S/;
const BLANK = { message: 'must not be empty' };
const MAX_RECIPIENTS = 100;
const MAX_UNITS = 2_000_000_000;
const UNITS = { message: `must be from 0 to ${MAX_UNITS}` };
/** Lower case with a dot in it: never one of ours. */
const APPLICATION_TYPE = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/;

@InputType({ description: 'Which notifications of the list.' })
export class NotificationFilter {
  @Field({ defaultValue: false, description: 'Only those that are not read.' })
  unreadOnly!: boolean;

  @Field(() => [NotificationType], { nullable: true, description: 'Only these types.' })
  @IsOptional()
  @ArrayMaxSize(20, { message: 'may have at most 20 items' })
  types?: NotificationType[] | null;
}

@InputType({ description: 'Whether the caller wants to be told of something by one way.' })
export class NotificationPreferenceInput {
  @Field(() => NotificationType, { description: 'Of what.' })
  type!: NotificationType;

  @Field(() => NotificationPort, { description: 'By which way.' })
  port!: NotificationPort;

  @Field({ description: 'Whether it is wanted.' })
  enabled!: boolean;
}

/** What an application says to members of its organization, whatever it is. */
@InputType({ description: 'What every notice of an application says.' })
abstract class NoticeInput {
  @Field(() => ID, { description: 'Whose application it is.' })
  organizationId!: string;

  @Field(() => [ID], { description: 'To whom: 1 to 100 members of the organization.' })
  @ArrayNotEmpty({ message: 'must not be empty' })
  @ArrayMaxSize(MAX_RECIPIENTS, { message: `may have at most ${MAX_RECIPIENTS} items` })
  userIds!: string[];

  @Field({ description: "The application's own name of the type, lower case with a dot in it: `crm.deal_won`. At most 64 characters." })
  @Matches(APPLICATION_TYPE, { message: 'must be lower case with a dot in it, like crm.deal_won' })
  @MaxLength(64, { message: 'must have at most 64 characters' })
  type!: string;

  @Field({ description: 'In a line, 1 to 200 characters; stored as written.' })
  @Matches(NOT_BLANK, BLANK)
  @MaxLength(200, { message: 'must have at most 200 characters' })
  title!: string;

  @Field(() => String, { nullable: true, description: 'More of it, at most 2,000 characters.' })
  @IsOptional()
  @MaxLength(2_000, { message: 'must have at most 2000 characters' })
  body?: string | null;

  @Field(() => String, { nullable: true, description: 'Where there is more: an http or https URL of at most 2,000 characters.' })
  @IsOptional()
  @MaxLength(2_000, { message: 'must have at most 2000 characters' })
  link?: string | null;
}

@InputType({ description: 'Something that an application tells members of its organization.' })
export class PublishNotificationInput extends NoticeInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Drawn by the application, 1 to 64 characters: the same type and key again is the same notification, and is not told twice.',
  })
  @IsOptional()
  @Length(1, 64, { message: 'must have 1 to 64 characters' })
  key?: string | null;

  @Field(() => NotificationPriority, { defaultValue: NotificationPriority.NORMAL, description: 'How much it presses.' })
  priority!: NotificationPriority;

  @Field(() => JsonScalar, { nullable: true, description: 'Facts for clients that know the type: a JSON object of at most 4,000 bytes.' })
  data?: Json;
}

@InputType({ description: 'How far a long piece of work of an application has come.' })
export class ReportProgressInput extends NoticeInput {
  @Field({ description: 'Which piece of work, 1 to 64 characters: all that is reported of it is one notification.' })
  @Length(1, 64, { message: 'must have 1 to 64 characters' })
  key!: string;

  @Field(() => Int, { description: 'How much is done, in units of the application.' })
  @Min(0, UNITS)
  @Max(MAX_UNITS, UNITS)
  done!: number;

  @Field(() => Int, { nullable: true, description: 'Of how much; left out when nobody knows.' })
  @IsOptional()
  @Min(0, UNITS)
  @Max(MAX_UNITS, UNITS)
  total?: number | null;

  @Field(() => ProgressState, { defaultValue: ProgressState.RUNNING, description: 'Where it stands.' })
  state!: ProgressState;
}
