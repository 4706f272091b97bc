/** Runs in a page, after `client/peer.ts`, whose classes are there without an import (`webrtc-page.ts`). */
import { isPolite, ParleyPeer } from '../../client/peer';
import type { PeerSignal } from '../../client/peer';
import type { Received, Seat } from './webrtc-page';

interface Connection {
  readonly peer: ParleyPeer;
  readonly beganAt: number;
  readonly signals: string[];
  connectedAt: number | null;
  readonly credentials: Set<string>;
  ready: Promise<void>;
}

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: { readonly data?: Readonly<Record<string, unknown>> | null; readonly errors?: unknown };
}

const SIGNALS = `subscription ($sessionId: ID!) { signals(sessionId: $sessionId) {
  __typename ... on SignalReceived { signal { from type payload } } } }`;
const SEND = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { delivered } }';
const ICE_SERVERS = 'query ($sessionId: ID!) { iceServers(sessionId: $sessionId) { urls username credential } }';

/** graphql-transport-ws, as far as it is needed here. */
class Socket {
  private readonly listeners = new Map<string, (message: Message) => void>();
  private asked = 0;

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as Message;
      if (message.type === 'ping') socket.send('{"type":"pong"}');
      this.listeners.get(message.id ?? message.type)?.(message);
    });
  }

  static async open(url: string, token: string): Promise<Socket> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
    await new Promise((opened, failed) => {
      socket.addEventListener('open', opened);
      socket.addEventListener('error', failed);
    });
    const opened = new Socket(socket);
    await new Promise((acknowledged) => {
      opened.listeners.set('connection_ack', acknowledged);
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
    });
    return opened;
  }

  subscribe(query: string, variables: object, onMessage: (message: Message) => void): void {
    const id = String((this.asked += 1));
    this.listeners.set(id, onMessage);
    this.socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
  }

  ask<Data>(query: string, variables: object): Promise<Data> {
    return new Promise((resolve, reject) => {
      this.subscribe(query, variables, ({ type, payload }) => {
        if (type === 'next' && payload?.data != null) resolve(payload.data as Data);
        else if (type !== 'complete') reject(new Error(JSON.stringify(payload)));
      });
    });
  }
}

const NOTHING_YET: Received = { connectionState: 'new', audioPackets: 0, videoFrames: 0, setUpMs: null, restarts: 0, signals: [] };

class Party {
  private readonly connections = new Map<string, Connection>();
  private media: Promise<MediaStream> | null = null;
  private answersWithMedia = true;
  private socket!: Socket;
  private seat!: Seat;
  private iceServers: RTCIceServer[] = [];

  async open(seat: Seat): Promise<void> {
    this.seat = seat;
    this.socket = await Socket.open(seat.url, seat.token);
    const { sessionId } = seat;
    const { iceServers } = await this.socket.ask<{ iceServers: RTCIceServer[] }>(ICE_SERVERS, { sessionId });
    // Nobody is asked outside this machine.
    this.iceServers = iceServers.slice(0, 0);
    await new Promise<void>((opened) => {
      this.socket.subscribe(SIGNALS, { sessionId }, ({ payload }) => {
        const event = payload?.data?.signals as { __typename: string; signal?: PeerSignal & { from: string } } | undefined;
        if (event?.__typename === 'StreamOpened') opened();
        if (event?.signal !== undefined) void this.receive(event.signal);
      });
    });
  }

  accept(media: boolean): void {
    this.answersWithMedia = media;
  }

  async connect(attendeeId: string, media: boolean): Promise<void> {
    const { connection } = this.connectionTo(attendeeId).peer;
    if (media) return this.addMedia(connection);
    for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
  }

  restart(attendeeId: string): void {
    this.connectionTo(attendeeId).peer.restart();
  }

  async received(attendeeId: string): Promise<Received> {
    const known = this.connections.get(attendeeId);
    if (known === undefined) return NOTHING_YET;
    const { peer, beganAt, connectedAt, credentials, signals } = known;
    const { connection } = peer;
    const counted = { audioPackets: 0, videoFrames: 0 };
    (await connection.getStats()).forEach((report: Record<string, unknown>) => {
      if (report.type !== 'inbound-rtp') return;
      if (report.kind === 'audio') counted.audioPackets += Number(report.packetsReceived ?? 0);
      else counted.videoFrames += Number(report.framesDecoded ?? 0);
    });
    return {
      ...counted,
      connectionState: connection.connectionState,
      setUpMs: connectedAt && connectedAt - beganAt,
      restarts: credentials.size - 1,
      signals,
    };
  }

  private async receive({ from, ...signal }: PeerSignal & { from: string }): Promise<void> {
    const isNew = !this.connections.has(from);
    const connection = this.connectionTo(from);
    const { peer, signals, credentials } = connection;
    signals.push(`< ${signal.type}`);
    // What is added before the offer is taken goes into the answer.
    if (isNew && this.answersWithMedia) connection.ready = this.addMedia(peer.connection);
    await connection.ready;
    await peer.receive(signal);
    const fragment = /a=ice-ufrag:(\S+)/.exec(peer.connection.remoteDescription?.sdp ?? '')?.[1];
    if (fragment !== undefined) credentials.add(fragment);
  }

  private async addMedia(connection: RTCPeerConnection): Promise<void> {
    this.media ??= navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240, frameRate: 15 } });
    const stream = await this.media;
    for (const track of stream.getTracks()) connection.addTrack(track, stream);
  }

  private connectionTo(attendeeId: string): Connection {
    const known = this.connections.get(attendeeId);
    if (known !== undefined) return known;
    const signals: string[] = [];
    const peer = new ParleyPeer({
      configuration: { iceServers: this.iceServers },
      polite: isPolite(this.seat.attendeeId, attendeeId),
      send: async ({ type, payload }) => {
        signals.push(`> ${type}`);
        await this.socket.ask(SEND, { input: { sessionId: this.seat.sessionId, to: attendeeId, type, payload } });
      },
      onError: (error) => signals.push(`! ${String(error)}`),
    });
    const made: Connection = {
      peer,
      beganAt: performance.now(),
      signals,
      connectedAt: null,
      credentials: new Set(),
      ready: Promise.resolve(),
    };
    peer.connection.addEventListener('connectionstatechange', () => {
      if (peer.connection.connectionState === 'connected') made.connectedAt ??= performance.now();
    });
    this.connections.set(attendeeId, made);
    return made;
  }
}

window.party = new Party();
