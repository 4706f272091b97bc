import { Metrics } from '../../src/observability/metrics';

test('names that clients choose are at most 200 labels', async () => {
  const metrics = new Metrics();
  for (let i = 0; i < 500; i += 1)
    metrics.operationEnded({ name: `Op${i}`, type: 'query', transport: 'http', outcome: 'OK', durationMs: 1 });
  metrics.operationEnded({ name: 'x'.repeat(100), type: 'query', transport: 'http', outcome: 'OK', durationMs: 1 });
  metrics.operationEnded({ name: null, type: 'query', transport: 'http', outcome: 'OK', durationMs: 1 });
  const lines = (await metrics.print()).split('\n').filter((line) => line.startsWith('parley_graphql_operations_total{'));
  expect(lines).toHaveLength(202);
  expect(lines).toContain('parley_graphql_operations_total{operation="other",type="query",transport="http",outcome="OK"} 301');
});

test('close codes that clients make up share one label', async () => {
  const metrics = new Metrics();
  for (let code = 3_000; code < 3_100; code += 1) metrics.socketClosed(code, 'peer');
  metrics.socketClosed(1_013, 'tooSlow');
  const lines = (await metrics.print()).split('\n').filter((line) => line.startsWith('parley_socket_closes_total{'));
  expect(lines).toEqual([
    'parley_socket_closes_total{code="other",cause="peer"} 100',
    'parley_socket_closes_total{code="1013",cause="tooSlow"} 1',
  ]);
});

test('reconnects of the bus are counted', async () => {
  const metrics = new Metrics();
  expect(await metrics.print()).toContain('parley_bus_reconnects_total 0');
  metrics.busReconnected();
  expect(await metrics.print()).toContain('parley_bus_reconnects_total 1');
});

test('a reading is asked for when the metrics are read, and forgets labels that are gone', async () => {
  const metrics = new Metrics();
  let topics: Record<string, number> = { a: 1, b: 2 };
  metrics.observe({ name: 'queued', help: 'What waits.', label: 'topic', read: () => topics });
  expect(await metrics.print()).toContain('parley_queued{topic="b"} 2');
  topics = { a: 3 };
  const text = await metrics.print();
  expect(text).toContain('parley_queued{topic="a"} 3');
  expect(text).not.toContain('topic="b"');
});

test('what never falls is shown as a counter', async () => {
  const metrics = new Metrics();
  let openings: Record<string, number> = { fresh: 0 };
  metrics.observe({ name: 'openings_total', help: 'Readers.', label: 'outcome', type: 'counter', read: () => openings });
  openings = { fresh: 2, recovered: 1 };
  await metrics.print();
  const text = await metrics.print();
  expect(text).toContain('# TYPE parley_openings_total counter');
  expect(text).toContain('parley_openings_total{outcome="fresh"} 2');
  expect(text).toContain('parley_openings_total{outcome="recovered"} 1');
});
