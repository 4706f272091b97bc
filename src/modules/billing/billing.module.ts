import type { RoomParts } from '../../graphql/room';
import { EndSessionInvoiceResolver } from './end-session-invoice.resolver';

export const billingResolvers = [EndSessionInvoiceResolver] as const;

export function createBillingRoom(): RoomParts {
  return { resolvers: [new EndSessionInvoiceResolver()] };
}
