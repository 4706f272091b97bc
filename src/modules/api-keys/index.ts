/** Keys for machines. A key acts as its maker; what it may reach of that is decided by its scopes, in one table. */
export { ApiKeyService } from './api-key.service';
