import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { NodeBase } from '../../graphql/node';
import type { OrganizationRecord } from './organization.repository';
import { Plan } from './organization.repository';

registerEnumType(Plan, {
  name: 'Plan',
  description: 'What an organization has subscribed to; its limits follow from it.',
  valuesConfig: {
    FREE: { description: 'Costs nothing; lower limits.' },
    PRO: { description: 'Paid; higher limits.' },
  },
});

@ObjectType({ implements: NodeBase, description: 'Whom sessions and channels belong to. Visible to its members only.' })
export class Organization extends NodeBase {
  @Field({ description: 'The name its members see.' })
  name!: string;

  @Field(() => Plan, { description: 'What it has subscribed to.' })
  plan!: Plan;
}

export function toOrganization({ id, name, plan }: OrganizationRecord): Organization {
  return Object.assign(new Organization(), { id, name, plan });
}

@ObjectType({ description: 'An organization that was made, changed or joined.' })
export class OrganizationPayload {
  @Field(() => Organization, { description: 'The organization.' })
  organization!: Organization;
}

export function toOrganizationPayload(record: OrganizationRecord): OrganizationPayload {
  return Object.assign(new OrganizationPayload(), { organization: toOrganization(record) });
}
