import { IsEmail, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { AttendeeRole } from './attendee.repository';

@InputType({ description: 'How to come into a session.' })
export class JoinSessionInput {
  @Field({ description: 'The join code, however it was typed.' })
  code!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The name others will see, 1 to 80 characters. Users may leave it out, guests may not.',
  })
  @Matches(/\S/, { message: 'must not be empty' })
  @MaxLength(80, { message: 'must have at most 80 characters' })
  displayName?: string | null;

  @Field(() => String, { nullable: true, description: 'Shown to nobody.' })
  @IsEmail({}, { message: 'is not an e-mail address' })
  @MaxLength(254, { message: 'must have at most 254 characters' })
  email?: string | null;
}

@InputType({ description: 'One attendee.' })
export class AttendeeInput {
  @Field(() => ID, { description: 'The attendee.' })
  attendeeId!: string;
}

@InputType({ description: 'What an attendee may not do, or may again. What is left out stays.' })
export class MuteAttendeeInput extends AttendeeInput {
  @Field(() => Boolean, { nullable: true, description: 'Whether they are muted: clients neither send nor play what they say.' })
  muted?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether they may not write: neither messages nor questions.' })
  silenced?: boolean | null;
}

@InputType({ description: 'What an attendee shall be.' })
export class SetAttendeeRoleInput extends AttendeeInput {
  @Field(() => AttendeeRole, { description: 'PRESENTER, MODERATOR or ATTENDEE.' })
  role!: AttendeeRole;
}
