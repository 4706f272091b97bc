/** Messages: what is written in channels, in one order per channel, and how far each member has read. */
export { messageAdded, messageDeleted, messageEdited } from './message.events';
export type { MessageSnapshot } from './message.repository';
export { MessageService } from './message.service';
