import {
  connectionInit,
  joinAsGuest,
  joinAsUser,
  openSession,
  PROTOCOL,
  register,
  someAtOnce,
  startParleyServers,
  SUBSCRIPTION_ID,
  webSocketUrl,
} from '../parley';
import type { Conference } from '../parley';
import type { Contestant, RoomSeat } from './contestant';
import { bodyOf, roomOf } from './event';
import { openPublisher, readGraphql } from './publisher';
import type { Personal, Setting } from './variant';

/** Each is two transactions of its own. */
const OPENING_AT_ONCE = 5;
/** A viewer may have ten sockets, and the publisher takes one. */
const HOST_SCREENS = 8;

interface Operation {
  readonly query: string;
  readonly operationName: string;
  readonly variables: object;
}

interface Attendee {
  readonly token: string;
  /** Names the operation. */
  readonly kind: 'Host' | 'Member' | 'Guest';
}

/** Live sessions of one host, who publishes in all of them; subscribers with tokens of their own, spread over the processes. */
export async function startParley(setting: Setting): Promise<Contestant> {
  const { variant, subscribers, rooms } = setting;
  const { servers, stop } = await startParleyServers(variant.instances);
  const [entrance] = servers;
  if (entrance === undefined) throw new Error('no server');
  const hostToken = await register(entrance.url, 'Publisher');
  const conferences = await someAtOnce(rooms, () => openSession(entrance.url, hostToken, Math.ceil(subscribers / rooms)), OPENING_AT_ONCE);
  const conferenceOf = (n: number): Conference => conferences[roomOf(n, rooms)] ?? never();
  const attend = variant.audiences ? attendAsAnybody : attendAsGuest;
  const attendees = await someAtOnce(
    subscribers,
    (index) => attend(entrance.url, hostToken, conferenceOf(index), index),
    rooms === 1 ? undefined : OPENING_AT_ONCE,
  );
  const seats = attendees.map(({ token, kind }, index): RoomSeat => {
    const payload = subscription(conferenceOf(index), variant.personal, kind);
    return {
      url: webSocketUrl(servers[index % servers.length] ?? entrance),
      protocol: PROTOCOL,
      hello: [[connectionInit(token)], [JSON.stringify({ id: SUBSCRIPTION_ID, type: 'subscribe', payload })]],
      room: roomOf(index, rooms),
    };
  });
  const { publish, close } = await openPublisher({
    url: webSocketUrl(entrance),
    protocol: PROTOCOL,
    hello: [connectionInit(hostToken)],
    write: (n) => JSON.stringify({ id: `p${n}`, type: 'subscribe', payload: publication(conferenceOf(n), variant.personal, n) }),
    read: readGraphql,
  });
  return {
    name: 'Parley',
    pids: servers.map(({ pid }) => pid),
    seats,
    publish: variant.personal === 'nothing' ? publish : oneAtATime(publish),
    stop: async () => {
      close();
      await stop();
    },
  };
}

async function attendAsGuest(url: string, _hostToken: string, { code }: Conference, index: number): Promise<Attendee> {
  return { token: await joinAsGuest(url, code, `Guest ${index}`), kind: 'Guest' };
}

async function attendAsAnybody(url: string, hostToken: string, conference: Conference, index: number): Promise<Attendee> {
  if (index < HOST_SCREENS) return { token: hostToken, kind: 'Host' };
  if (index % 3 > 0) return attendAsGuest(url, hostToken, conference, index);
  const account = await register(url, `Member ${index}`);
  await joinAsUser(url, conference.code, account);
  return { token: account, kind: 'Member' };
}

/**
 * Messages have no field of the viewer, so what is personal is asked of the session's stream: `viewerAttendee` of the session, which
 * changes of questions do not carry, or the viewer's own vote, which they do.
 */
function subscription({ channelId, sessionId }: Conference, personal: Personal, kind: Attendee['kind']): Operation {
  const ownVote = personal === 'read' ? 'viewerVote' : '';
  const ownPlace = personal === 'selected' ? '... on SessionChanged { cursor session { viewerAttendee { id } } }' : '';
  return personal === 'nothing'
    ? {
        query: `subscription ${kind}($channelId: ID!) { channelEvents(channelId: $channelId) { ... on StreamOpened { recovered }
          ... on MessageAdded { cursor message { id body createdAt sender { id displayName } } } } }`,
        operationName: kind,
        variables: { channelId },
      }
    : {
        query: `subscription ${kind}($sessionId: ID!) { sessionEvents(sessionId: $sessionId) { ... on StreamOpened { recovered } ${ownPlace}
          ... on QuestionChanged { cursor question { id body createdAt ${ownVote} asker { id displayName } } } } }`,
        operationName: kind,
        variables: { sessionId },
      };
}

function publication({ channelId, sessionId }: Conference, personal: Personal, n: number): Omit<Operation, 'operationName'> {
  const body = bodyOf(n);
  return personal === 'nothing'
    ? {
        query: 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }',
        variables: { input: { channelId, body } },
      }
    : {
        query: 'mutation ($input: AskQuestionInput!) { askQuestion(input: $input) { question { id } } }',
        variables: { input: { sessionId, body } },
      };
}

/** Questions asked at once are committed in any order, and the room expects them in the order of their numbers. */
function oneAtATime(publish: Contestant['publish']): Contestant['publish'] {
  let last = Promise.resolve();
  return (n) => (last = last.then(() => publish(n)));
}

function never(): never {
  throw new Error('no conference');
}
