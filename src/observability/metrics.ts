import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'parley_';
/** Beyond this many, names chosen by clients are counted together as `other`: a label must not grow with what strangers send. */
const MAX_OPERATION_NAMES = 200;
const MAX_NAME_LENGTH = 64;
const OTHER = 'other';
const UNNAMED = 'unnamed';
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** A figure that is asked for when the metrics are read; a record gives one figure per label value. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  /** The name of the label, when `read` gives a record. */
  readonly label?: string;
  /** `counter` for what never falls while the process lives. Default: `gauge`. */
  readonly type?: 'gauge' | 'counter';
  readonly read: () => number | Readonly<Record<string, number>>;
}

export interface MeasuredOperation {
  readonly name: string | null;
  readonly type: string;
  readonly transport: string;
  readonly outcome: string;
  readonly durationMs: number;
}

/** Everything `/metrics` shows. One per process part that is measured on its own; nothing is global. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly operationNames = new Set<string>();
  private readonly operations = new Counter({
    name: `${PREFIX}graphql_operations_total`,
    help: 'Operations that ended, by the name the client gave (at most 200, then "other"), type, transport and outcome.',
    labelNames: ['operation', 'type', 'transport', 'outcome'],
    registers: [this.registry],
  });
  private readonly durations = new Histogram({
    name: `${PREFIX}graphql_operation_duration_seconds`,
    help: 'Duration of queries and mutations.',
    labelNames: ['operation', 'type'],
    buckets: DURATION_BUCKETS,
    registers: [this.registry],
  });
  private readonly closes = new Counter({
    name: `${PREFIX}socket_closes_total`,
    help: 'WebSocket connections that ended, by close code and by what ended them.',
    labelNames: ['code', 'cause'],
    registers: [this.registry],
  });
  private readonly streamCloses = new Counter({
    name: `${PREFIX}event_stream_closes_total`,
    help: 'Event streams that ended: completed, left (by the client), restarting, tooSlow.',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  private readonly refusals = new Counter({
    name: `${PREFIX}connections_refused_total`,
    help: 'Sockets and event streams that were not accepted, by reason.',
    labelNames: ['reason'],
    registers: [this.registry],
  });

  private readonly busReconnects = new Counter({
    name: `${PREFIX}bus_reconnects_total`,
    help: 'Times the bus came back after an outage and subscribed again.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: PREFIX });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The Prometheus text. */
  print(): Promise<string> {
    return this.registry.metrics();
  }

  /** Shows `reading` under the name `parley_<name>`. */
  observe({ name, help, label, type = 'gauge', read }: Reading): void {
    const Shown: typeof Gauge | typeof Counter = type === 'gauge' ? Gauge : Counter;
    new Shown({
      name: `${PREFIX}${name}`,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [this.registry],
      collect() {
        const value = read();
        this.reset();
        if (typeof value === 'number') this.inc(value);
        else for (const [key, each] of Object.entries(value)) this.inc({ [label ?? 'key']: key }, each);
      },
    });
  }

  operationEnded({ name, type, transport, outcome, durationMs }: MeasuredOperation): void {
    const operation = this.boundedName(name);
    this.operations.inc({ operation, type, transport, outcome });
    if (type !== 'subscription') this.durations.observe({ operation, type }, durationMs / 1_000);
  }

  socketClosed(code: number, cause: string): void {
    this.closes.inc({ code: isKnownCloseCode(code) ? String(code) : OTHER, cause });
  }

  eventStreamClosed(reason: string): void {
    this.streamCloses.inc({ reason });
  }

  connectionRefused(reason: string): void {
    this.refusals.inc({ reason });
  }

  busReconnected(): void {
    this.busReconnects.inc();
  }

  private boundedName(name: string | null): string {
    if (name === null) return UNNAMED;
    if (this.operationNames.has(name)) return name;
    if (this.operationNames.size >= MAX_OPERATION_NAMES || name.length > MAX_NAME_LENGTH) return OTHER;
    this.operationNames.add(name);
    return name;
  }
}

/** Clients choose close codes too: only those of the protocols get a label of their own. */
function isKnownCloseCode(code: number): boolean {
  return (code >= 1_000 && code <= 1_015) || (code >= 4_400 && code <= 4_500);
}
