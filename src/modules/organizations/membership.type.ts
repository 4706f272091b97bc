import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { connectionTypes } from '../../graphql/connection';
import { NodeBase } from '../../graphql/node';
import { DateTime } from '../../graphql/scalars';
import type { InvitationRecord } from './invitation.repository';
import type { Invited } from './invitation.service';
import { MembershipRole } from './membership.repository';
import type { SeenMember } from './membership.service';

registerEnumType(MembershipRole, {
  name: 'MembershipRole',
  description: 'What somebody is in an organization; each role includes those after it.',
  valuesConfig: {
    OWNER: { description: 'Whose organization it is. There is always one; only owners make owners.' },
    ADMIN: { description: 'Invites and removes people, and looks after its sessions.' },
    MEMBER: { description: 'Makes sessions and channels in it, and reads its sessions.' },
  },
});

@ObjectType({ description: 'That a user belongs to an organization, and as what.' })
export class Membership {
  @Field(() => MembershipRole, { description: 'As what.' })
  role!: MembershipRole;

  @Field(() => DateTime, { description: 'Since when.' })
  joinedAt!: Date;

  @Field(() => String, {
    nullable: true,
    description: "The account's address; null for whoever neither administers the organization nor owns the account.",
  })
  email!: string | null;

  /** Whose it is, for the resolver of `user`; no field of the schema. */
  userId!: string;
}

export function toMembership({ userId, role, createdAt, email }: SeenMember): Membership {
  return Object.assign(new Membership(), { userId, role, joinedAt: createdAt, email });
}

@ObjectType({ description: 'A membership that was changed.' })
export class MembershipPayload {
  @Field(() => Membership, { description: 'The membership.' })
  membership!: Membership;
}

export function toMembershipPayload(member: SeenMember): MembershipPayload {
  return Object.assign(new MembershipPayload(), { membership: toMembership(member) });
}

const members = connectionTypes('Membership', () => Membership);
export const MembershipEdge = members.EdgeType;

@ObjectType({ description: "A page of an organization's members, the longest-standing first." })
export class MembershipConnection extends members.ConnectionType {}

@ObjectType({ implements: NodeBase, description: 'The way into an organization, for one address. Visible to who may invite.' })
export class Invitation extends NodeBase {
  @Field({ description: 'Whom it is for: the account with this address can accept it.' })
  email!: string;

  @Field(() => MembershipRole, { description: 'What they will be.' })
  role!: MembershipRole;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'Until when it can be accepted.' })
  expiresAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was accepted; it cannot be again.' })
  acceptedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked, or replaced by a newer one.' })
  revokedAt!: Date | null;
}

export function toInvitation({ id, email, role, createdAt, expiresAt, acceptedAt, revokedAt }: InvitationRecord): Invitation {
  return Object.assign(new Invitation(), { id, email, role, createdAt, expiresAt, acceptedAt, revokedAt });
}

const invitations = connectionTypes('Invitation', () => Invitation);
export const InvitationEdge = invitations.EdgeType;

@ObjectType({ description: 'A page of pending invitations, oldest first.' })
export class InvitationConnection extends invitations.ConnectionType {}

@ObjectType({ description: 'An invitation that was revoked.' })
export class InvitationPayload {
  @Field(() => Invitation, { description: 'The invitation.' })
  invitation!: Invitation;
}

export function toInvitationPayload(record: InvitationRecord): InvitationPayload {
  return Object.assign(new InvitationPayload(), { invitation: toInvitation(record) });
}

@ObjectType({ description: 'A new invitation, and the token that accepts it.' })
export class InviteMemberPayload {
  @Field(() => Invitation, { description: 'The invitation.' })
  invitation!: Invitation;

  @Field({ description: 'What the invited person passes to `acceptInvitation`. Told this once: bring it to them.' })
  token!: string;
}

export function toInviteMemberPayload({ invitation, token }: Invited): InviteMemberPayload {
  return Object.assign(new InviteMemberPayload(), { invitation: toInvitation(invitation), token });
}
