import { FieldResolver, Resolver } from 'type-graphql';
import { EndSessionPayload } from '../sessions';
import { Invoice } from './invoice.type';

/** What this room adds to the answer of `endSession`. No session is metered yet, so none has an invoice. */
@Resolver(() => EndSessionPayload)
export class EndSessionInvoiceResolver {
  @FieldResolver(() => Invoice, { nullable: true, description: 'The invoice of a paid call; null for everything that costs nothing.' })
  invoice(): Invoice | null {
    return null;
  }
}
