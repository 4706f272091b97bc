/** What an organization lets be written in its sessions and channels. Rooms ask `ContentScreen` before they take a text. */
export type { ContentScreen } from './content-policy.service';
export type { Verdict } from './screen';
export { ContentRule } from './content-policy.repository';
export { contentRefused } from './content-policy.errors';
