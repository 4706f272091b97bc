import { Matches, MaxDate, MaxLength, MinDate } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars';

const ID_LENGTH = { max: 64, message: 'must have at most 64 characters' } as const;
/** PostgreSQL's timestamps and JavaScript's dates both hold these. */
const EARLIEST = new Date('1970-01-01T00:00:00Z');
const LATEST = new Date('9999-12-31T23:59:59Z');
const RANGE = { message: 'must be from 1970 to 9999' };

@InputType({ description: 'Which audit entries; what is left out does not matter.' })
export class AuditFilter {
  @Field(() => String, { nullable: true, description: 'Of this action, such as `session.ended`.' })
  @Matches(/^[a-z_]+(\.[a-z_]+)*$/, { message: 'is not the name of an action' })
  @MaxLength(64, { message: 'is not the name of an action' })
  action?: string | null;

  @Field(() => ID, { nullable: true, description: 'Done by this user, API key or attendee.' })
  @MaxLength(ID_LENGTH.max, ID_LENGTH)
  actorId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Done to this.' })
  @MaxLength(ID_LENGTH.max, ID_LENGTH)
  targetId?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'At this moment or later.' })
  @MinDate(EARLIEST, RANGE)
  @MaxDate(LATEST, RANGE)
  from?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Before this moment.' })
  @MinDate(EARLIEST, RANGE)
  @MaxDate(LATEST, RANGE)
  to?: Date | null;
}
