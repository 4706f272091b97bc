import { waitFor } from '../support/wait-for';
import type { Row, Rows } from './row';
import { ask, run } from './world';
import type { World } from './world';

/** The caller's own list has a stream of its own: tests/modules/notifications shows that it makes the same list. */
const OWN = 'changes what one user is told, and nothing of a session or channel';

interface Listed {
  readonly notifications: { readonly edges: readonly { readonly node: { readonly id: string } }[] };
}

const noticeTo = ({ host, organizationId }: World, title: string, key: string) => {
  return { organizationId, userIds: [host.userId], type: 'test.told', title, key };
};

/** One that the host was told, new or not. */
async function toldToHost(world: World): Promise<string> {
  await run(world.host, 'publishNotification', { input: noticeTo(world, 'Told', 'one') });
  const first = async (): Promise<string | undefined> => {
    const { notifications } = await ask<Listed>(world.host, '{ notifications(first: 1) { edges { node { id } } } }', {});
    return notifications.edges[0]?.node.id;
  };
  return (await waitFor(first, { what: 'the notification', timeoutMs: 20_000 })) ?? '';
}

const byHost = (call: (world: World, text: string) => Promise<Record<string, unknown>>): Row => ({
  outside: OWN,
  call: async (world, draw) => ({ by: world.host, variables: await call(world, draw.text()) }),
});

export const notificationRows: Rows = {
  publishNotification: byHost(async (world, text) => ({ input: noticeTo(world, text, 'published') })),
  reportProgress: byHost(async (world, text) => ({ input: { ...noticeTo(world, text, 'work'), done: 1 } })),
  markNotificationRead: byHost(async (world) => ({ notificationId: await toldToHost(world) })),
  markAllNotificationsRead: byHost(async () => ({})),
  setNotificationPreference: byHost(async () => ({ input: { type: 'SYSTEM_UPDATE', port: 'PUSH', enabled: false } })),
};
