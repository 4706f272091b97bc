import { Field, ID, InputType, registerEnumType } from 'type-graphql';

export enum SuspensionReason {
  ABUSE = 'ABUSE',
  COMPROMISED = 'COMPROMISED',
  LEGAL = 'LEGAL',
  OTHER = 'OTHER',
}

registerEnumType(SuspensionReason, {
  name: 'SuspensionReason',
  description: 'Why an account is suspended: for the audit log.',
  valuesConfig: {
    ABUSE: { description: 'It harms others.' },
    COMPROMISED: { description: 'Somebody else may have it.' },
    LEGAL: { description: 'The law asks for it.' },
    OTHER: { description: 'Anything else.' },
  },
});

@InputType({ description: 'Which account to close, and why.' })
export class SuspendUserInput {
  @Field(() => ID, { description: 'The user.' })
  userId!: string;

  @Field(() => SuspensionReason, { description: 'Why.' })
  reason!: SuspensionReason;
}

@InputType({ description: 'Which account to open again.' })
export class ReinstateUserInput {
  @Field(() => ID, { description: 'The user.' })
  userId!: string;
}
