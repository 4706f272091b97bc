/**
 * Lists that the people of a session edit together, and their pointers. `collaboration.item_changed` and `collaboration.item_removed` on
 * `collaborationStream` tell every change in order; pointers are ephemeral.
 */
export { collaborationStream, itemChanged, itemRemoved } from './collaboration.events';
export { CollaborationService } from './collaboration.service';
