import { Ctx, Field, FieldResolver, Int, ObjectType, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context';
import { Attendee } from './attendee.type';
import type { AttendeeRecord } from './attendee.repository';
import type { Engagement, EngagementService } from './engagement.service';

@ObjectType({ description: 'How much somebody takes part in a session.' })
export class AttendeeEngagement {
  @Field(() => Int, { description: 'How many seconds they were in it, by the clock of the database, up to now.' })
  presentSeconds!: number;

  @Field(() => Int, { description: "Messages in the session's channel that were not deleted." })
  messages!: number;

  @Field(() => Int, { description: 'Reactions to its messages that stand.' })
  reactions!: number;

  @Field(() => Int, { description: 'Questions asked that were not deleted; anonymous ones are not counted.' })
  questions!: number;

  @Field(() => Int, { description: 'Votes that stand.' })
  votes!: number;

  @Field(() => Int, { description: 'How often they raised their hand.' })
  handRaises!: number;
}

@Resolver(() => Attendee)
export class EngagementResolver {
  constructor(private readonly engagements: EngagementService) {}

  @FieldResolver(() => AttendeeEngagement, {
    nullable: true,
    complexity: 5,
    description: 'How much they take part: for who keeps order, and of themselves for everybody. Null for others, and for who waits.',
  })
  async engagement(@Root() { record }: Attendee, @Ctx() context: Context): Promise<AttendeeEngagement | null> {
    const engagement = await context.loaders
      .for<AttendeeRecord, Engagement | null>(this.engagements, (attendees) => this.engagements.listFor(context, attendees))
      .load(record);
    return engagement && toEngagement(engagement);
  }
}

function toEngagement({ presentMs, ...counts }: Engagement): AttendeeEngagement {
  return Object.assign(new AttendeeEngagement(), { presentSeconds: Math.floor(presentMs / 1_000), ...counts });
}
