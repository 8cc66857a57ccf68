import type { Connection } from 'mongoose';

/** How many documents of each collection say that text anywhere; those without are left out. */
export async function findTraces(connection: Connection, text: string): Promise<Record<string, number>> {
  const traces: Record<string, number> = {};
  for (const { name } of (await connection.db?.listCollections().toArray()) ?? []) {
    const documents = await connection.collection(name).find().toArray();
    const count = documents.filter((document) => JSON.stringify(document).includes(text)).length;
    if (count > 0) traces[name] = count;
  }
  return traces;
}
