import { IsEmail, Matches, MaxLength } from 'class-validator';
import { Field, ID, InputType } from 'type-graphql';
import { MembershipRole } from './membership.repository';

const NOT_BLANK = { pattern: /\S/, message: 'must not be empty' };
const NAME_LENGTH = { max: 80, message: 'must have at most 80 characters' };
const ORGANIZATION_ID = 'The organization.';

@InputType({ description: 'A new organization. The caller owns it.' })
export class CreateOrganizationInput {
  @Field({ description: 'The name its members see, 1 to 80 characters.' })
  @Matches(NOT_BLANK.pattern, NOT_BLANK)
  @MaxLength(NAME_LENGTH.max, NAME_LENGTH)
  name!: string;
}

@InputType({ description: 'Changes to an organization.' })
export class UpdateOrganizationInput {
  @Field(() => ID, { description: ORGANIZATION_ID })
  organizationId!: string;

  @Field({ description: 'The name its members see, 1 to 80 characters.' })
  @Matches(NOT_BLANK.pattern, NOT_BLANK)
  @MaxLength(NAME_LENGTH.max, NAME_LENGTH)
  name!: string;
}

@InputType({ description: 'Whom to invite, and as what.' })
export class InviteMemberInput {
  @Field(() => ID, { description: ORGANIZATION_ID })
  organizationId!: string;

  @Field({ description: 'The address of the account that may accept.' })
  @IsEmail({}, { message: 'is not an e-mail address' })
  @MaxLength(254, { message: 'must have at most 254 characters' })
  email!: string;

  @Field(() => MembershipRole, { defaultValue: MembershipRole.MEMBER, description: 'What they will be. Only owners invite owners.' })
  role!: MembershipRole;
}

@InputType({ description: 'What proves an invitation.' })
export class AcceptInvitationInput {
  @Field({ description: 'The token that the invitation came with.' })
  @MaxLength(128, { message: 'is not a token of an invitation' })
  token!: string;
}

@InputType({ description: 'One invitation.' })
export class InvitationInput {
  @Field(() => ID, { description: 'The invitation.' })
  invitationId!: string;
}

@InputType({ description: 'One member of an organization.' })
export class MemberInput {
  @Field(() => ID, { description: ORGANIZATION_ID })
  organizationId!: string;

  @Field(() => ID, { description: 'The member.' })
  userId!: string;
}

@InputType({ description: 'What a member shall be.' })
export class ChangeMemberRoleInput extends MemberInput {
  @Field(() => MembershipRole, { description: 'The role. Only owners make and unmake owners.' })
  role!: MembershipRole;
}
