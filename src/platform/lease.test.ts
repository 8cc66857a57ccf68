import { type MongoServer, startMongoServer } from '@chatbusiness/embedded-mongo';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { createManualClock, type ManualClock } from '../testing/manual-clock.ts';
import { openDatabase } from './database.ts';
import { createLeases, type Leases } from './lease.ts';

let server: MongoServer;
let connection: Connection;
let clock: ManualClock;
let leases: Leases;

beforeEach(async () => {
  server = await startMongoServer({ memory: true });
  connection = await openDatabase(server.uri, 'test');
  clock = createManualClock('2026-11-24T12:00:00Z');
  leases = createLeases(connection, clock, 'prc_1');
});

afterEach(async () => {
  await connection.close();
  await server.close();
});

test('of many who ask at once exactly one gets the lease', async () => {
  const taken = await Promise.all(Array.from({ length: 20 }, () => leases.take('sync:a', 60_000)));

  expect(taken.filter((lease) => lease !== undefined)).toHaveLength(1);
});

test('a lease that ran out goes to the next with a greater token, and its first holder can no longer renew it', async () => {
  const first = await leases.take('sync:a', 60_000);
  clock.advance(60_000);
  const second = await leases.take('sync:a', 60_000);

  expect(second?.token).toBeGreaterThan(first?.token ?? Number.POSITIVE_INFINITY);
  expect(await leases.renew(first!, 60_000)).toBe(false);
  expect(await leases.renew(second!, 60_000)).toBe(true);
});

test('a released lease is free at once, and its token goes on growing', async () => {
  const first = await leases.take('sync:a', 60_000);
  await leases.release(first!);
  const second = await leases.take('sync:a', 60_000);

  expect(second).toEqual({ name: 'sync:a', token: (first?.token ?? 0) + 1 });
});

test('a late release by an earlier holder does not free the lease of a later one', async () => {
  const first = await leases.take('sync:a', 60_000);
  clock.advance(60_000);
  await leases.take('sync:a', 60_000);
  await leases.release(first!);

  expect(await leases.take('sync:a', 60_000)).toBeUndefined();
});
