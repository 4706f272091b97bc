import {
  ArrayMaxSize,
  ArrayUnique,
  IsISO4217CurrencyCode,
  IsOptional,
  IsUppercase,
  Length,
  Matches,
  Max,
  MaxDate,
  MaxLength,
  Min,
  MinDate,
} from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTime, JsonScalar } from '../../graphql/scalars';
import { EMOJI } from '../../lib/emoji';
import { AttendeesVisible, DuplicateIdentity, PresentingRule, SessionKind, SessionMedium, SessionStatus } from './session.repository';

const MAX_CAPACITY = 20_000;
const MAX_RATE = 10_000_000;
const NOT_BLANK = { pattern: /\S/, message: 'must not be empty' };
const TITLE_LENGTH = { max: 200, message: 'must have at most 200 characters' };
const DESCRIPTION_LENGTH = { max: 5_000, message: 'must have at most 5000 characters' };
const EARLIEST = new Date('2000-01-01T00:00:00Z');
const LATEST = new Date('2200-01-01T00:00:00Z');
const DATE_RANGE = { message: 'must be from 2000 to 2199' };
const CAPACITY_RANGE = { message: `must be from 1 to ${MAX_CAPACITY}` };

const LOCAL = 'as the clocks of `timeZone` show it: `2027-03-28T09:30`';
const LOCAL_LENGTH = { max: 32, message: 'must have at most 32 characters' };
const ZONE_LENGTH = { max: 64, message: 'must have at most 64 characters' };
const CLIENT_ID = 'Drawn by the client, 1 to 64 characters: a retry with the same one makes no second session.';
const CLIENT_ID_LENGTH = { message: 'must have 1 to 64 characters' };

@InputType({
  description:
    'When a session is meant to be, each time as an instant or as the clocks of a zone show it. A time that the clocks skip is as much later as they skip; of one that they show twice it is the first.',
})
abstract class ScheduleInput {
  @Field(() => DateTime, { nullable: true, description: 'When it is meant to begin.' })
  @MinDate(EARLIEST, DATE_RANGE)
  @MaxDate(LATEST, DATE_RANGE)
  scheduledFor?: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When it is meant to end, at most 31 days later. A CALL that has a beginning has an end, an hour later when left out.',
  })
  @MinDate(EARLIEST, DATE_RANGE)
  @MaxDate(LATEST, DATE_RANGE)
  scheduledEndAt?: Date | null;

  @Field(() => String, { nullable: true, description: `In place of \`scheduledFor\`, ${LOCAL}.` })
  @MaxLength(LOCAL_LENGTH.max, LOCAL_LENGTH)
  scheduledForLocal?: string | null;

  @Field(() => String, { nullable: true, description: `In place of \`scheduledEndAt\`, ${LOCAL}.` })
  @MaxLength(LOCAL_LENGTH.max, LOCAL_LENGTH)
  scheduledEndLocal?: string | null;

  @Field(() => String, { nullable: true, description: 'The IANA time zone in which people mean its times, such as `Europe/Berlin`.' })
  @MaxLength(ZONE_LENGTH.max, ZONE_LENGTH)
  timeZone?: string | null;
}

@InputType({ description: 'A new session.' })
export class CreateSessionInput extends ScheduleInput {
  @Field(() => ID, { nullable: true, description: "Whose it is: an organization the caller belongs to. The caller's own when left out." })
  organizationId?: string | null;

  @Field({ description: 'What it is about, 1 to 200 characters.' })
  @Matches(NOT_BLANK.pattern, NOT_BLANK)
  @MaxLength(TITLE_LENGTH.max, TITLE_LENGTH)
  title!: string;

  @Field(() => String, { nullable: true, description: 'More about it, at most 5,000 characters.' })
  @MaxLength(DESCRIPTION_LENGTH.max, DESCRIPTION_LENGTH)
  description?: string | null;

  @Field(() => SessionKind, { defaultValue: SessionKind.CONFERENCE, description: 'Conference or call.' })
  kind!: SessionKind;

  @Field(() => SessionMedium, { defaultValue: SessionMedium.VIDEO, description: 'The richest way people will meet in it.' })
  medium!: SessionMedium;

  @Field(() => Int, { defaultValue: 100, description: 'Seats, 1 to 20,000, and no more than the plan allows; a CALL always has two.' })
  @Min(1, CAPACITY_RANGE)
  @Max(MAX_CAPACITY, CAPACITY_RANGE)
  capacity!: number;

  @Field(() => ID, { nullable: true, description: 'CALL only: the user who advises; the creator is the client.' })
  advisorId?: string | null;

  @Field(() => Int, { nullable: true, description: 'CALL only: integer minor units per minute. Together with `currency`.' })
  @Min(0, { message: 'must not be negative' })
  @Max(MAX_RATE, { message: `must be at most ${MAX_RATE}` })
  ratePerMinuteMinor?: number | null;

  @Field(() => String, { nullable: true, description: 'CALL only: ISO 4217 code in upper case. Together with `ratePerMinuteMinor`.' })
  @IsISO4217CurrencyCode({ message: 'is not an ISO 4217 currency code' })
  @IsUppercase({ message: 'must be in upper case' })
  currency?: string | null;

  @Field(() => String, { nullable: true, description: CLIENT_ID })
  @IsOptional()
  @Length(1, 64, CLIENT_ID_LENGTH)
  clientId?: string | null;
}

@InputType({ description: 'A copy of a session: its settings, metadata and agenda, none of its people and of what they wrote.' })
export class DuplicateSessionInput extends ScheduleInput {
  @Field(() => ID, { description: 'The session to copy.' })
  sessionId!: string;

  @Field(() => String, { nullable: true, description: 'The title of the copy; the same when left out.' })
  @Matches(NOT_BLANK.pattern, NOT_BLANK)
  @MaxLength(TITLE_LENGTH.max, TITLE_LENGTH)
  title?: string | null;

  @Field(() => String, { nullable: true, description: CLIENT_ID })
  @IsOptional()
  @Length(1, 64, CLIENT_ID_LENGTH)
  clientId?: string | null;
}

@InputType({
  description:
    'Changes to a session that is not over. What is left out stays; null clears `description` and the times. One that is moved keeps its length.',
})
export class UpdateSessionInput extends ScheduleInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => String, { nullable: true, description: 'What it is about, 1 to 200 characters.' })
  @Matches(NOT_BLANK.pattern, NOT_BLANK)
  @MaxLength(TITLE_LENGTH.max, TITLE_LENGTH)
  title?: string | null;

  @Field(() => String, { nullable: true, description: 'More about it, at most 5,000 characters.' })
  @MaxLength(DESCRIPTION_LENGTH.max, DESCRIPTION_LENGTH)
  description?: string | null;

  @Field(() => Int, { nullable: true, description: 'Seats, not fewer than are taken. Not for a CALL.' })
  @Min(1, CAPACITY_RANGE)
  @Max(MAX_CAPACITY, CAPACITY_RANGE)
  capacity?: number | null;
}

/** Of sessions and of channels. */
export const MAX_SLOW_MODE_SECONDS = 3_600;
export const SLOW_MODE_RANGE = { message: `must be from 0 to ${MAX_SLOW_MODE_SECONDS}` };

@InputType({ description: 'What is to be allowed in a session that is not over. What is left out stays.' })
export class UpdateSessionSettingsInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether questions wait for approval. Not for a CALL. Those that wait already go on waiting when it is taken back.',
  })
  questionApproval?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether questions may be asked anonymously. Those asked before stay as they are.' })
  anonymousQuestions?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether a question is refused that the session has already.' })
  refuseDuplicates?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: "Whether anybody writes in the session's channel." })
  chatEnabled?: boolean | null;

  @Field(() => Int, { nullable: true, description: 'How many seconds an attendee waits from one message to the next, 0 to 3,600.' })
  @Min(0, SLOW_MODE_RANGE)
  @Max(MAX_SLOW_MODE_SECONDS, SLOW_MODE_RANGE)
  slowModeSeconds?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether who comes for the first time waits to be let in. Not for a CALL. Taken back, it lets in whoever waits.',
  })
  lobby?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether who finds all seats taken waits for one. Not for a CALL. Those who wait already go on waiting when it is taken back.',
  })
  waitingList?: boolean | null;

  @Field(() => DuplicateIdentity, {
    nullable: true,
    description: 'What becomes of somebody who joins from elsewhere while they are in it.',
  })
  duplicateIdentity?: DuplicateIdentity | null;

  @Field(() => AttendeesVisible, { nullable: true, description: 'Whom attendees see of each other.' })
  attendeesVisible?: AttendeesVisible | null;

  @Field(() => [String], { nullable: true, description: 'With which emojis one may react, at most 20, all different; none: not at all.' })
  @IsOptional()
  @ArrayMaxSize(20, { message: 'must be at most 20' })
  @ArrayUnique({ message: 'must be different' })
  @Matches(EMOJI, { message: 'must be emojis', each: true })
  reactionEmojis?: string[] | null;

  @Field(() => PresentingRule, { nullable: true, description: 'Who may present.' })
  presenting?: PresentingRule | null;
}

@InputType({ description: 'A change to what an application keeps with a session: either a merge patch, or all of it anew.' })
export class UpdateSessionMetadataInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'RFC 7396: null takes a member away, objects are merged, everything else replaces.',
  })
  patch?: unknown;

  @Field(() => JsonScalar, {
    nullable: true,
    description: 'The metadata as they are to be: an object, at most 16 kB as JSON and 8 levels.',
  })
  metadata?: unknown;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that the change was made for: CONFLICT METADATA_CHANGED, with the newest, when there is another.',
  })
  version?: number | null;
}

@InputType({ description: 'The notes of a session as they are to be.' })
export class UpdateSessionNotesInput {
  @Field(() => ID, { description: 'The session.' })
  sessionId!: string;

  @Field({ description: 'The notes, at most 20,000 characters; stored as written.' })
  @MaxLength(20_000, { message: 'must have at most 20000 characters' })
  body!: string;

  @Field(() => Int, {
    description: 'The version that the change was made for, 0 at first: CONFLICT NOTES_CHANGED, with the newest, when there is another.',
  })
  version!: number;
}

@InputType({ description: 'Which sessions to list; what is left out does not matter.' })
export class SessionFilter {
  @Field(() => [SessionStatus], { nullable: true, description: 'In one of these statuses.' })
  status?: SessionStatus[] | null;

  @Field(() => SessionKind, { nullable: true, description: 'Of this kind.' })
  kind?: SessionKind | null;

  @Field(() => ID, { nullable: true, description: 'Of this organization.' })
  organizationId?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Meant to begin at this time or later.' })
  scheduledFrom?: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Meant to begin before this time.' })
  scheduledBefore?: Date | null;
}
