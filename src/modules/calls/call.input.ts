import { IsInt, Matches, Max, Min } from 'class-validator';
import { Field, ID, InputType, Int } from 'type-graphql';
import { IN_BOUNDS, PEER_ID } from '../../lib/peer-id';

const CALL = 'The call.';
const DEFAULT_RING_SECONDS = 30;

@InputType({ description: 'Whom to ring.' })
export class StartCallInput {
  @Field(() => ID, { description: 'The session, LIVE or PAUSED.' })
  sessionId!: string;

  @Field(() => ID, { description: 'The attendee to ring, who is present.' })
  calleeId!: string;

  @Field({ description: "The caller's device, by a name that it has drawn: 1 to 64 of letters, digits, - and _." })
  @Matches(PEER_ID, IN_BOUNDS)
  peerId!: string;

  @Field(() => Int, { defaultValue: DEFAULT_RING_SECONDS, description: 'How long it rings, 5 to 120 seconds.' })
  @IsInt()
  @Min(5, { message: 'must be from 5 to 120' })
  @Max(120, { message: 'must be from 5 to 120' })
  ringSeconds!: number;
}

@InputType({ description: 'Which call to answer, and on which device.' })
export class AnswerCallInput {
  @Field(() => ID, { description: CALL })
  callId!: string;

  @Field({ description: 'The device that answers, by the name that it has drawn.' })
  @Matches(PEER_ID, IN_BOUNDS)
  peerId!: string;
}
