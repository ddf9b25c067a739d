// A receiver of "Loyalty Import Created" as one would write it with Wix's own SDK. Answers 200 after the commit, stores each event once, and flushes to the disk before it answers.
// Usage: node server.js DATABASE PUBLIC_KEY_FILE
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import express from 'express';
import { AppStrategy, createClient } from '@wix/sdk';
import { imports } from '@wix/loyalty';

const [databasePath, publicKeyPath] = process.argv.slice(2);

const database = new Database(databasePath);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  CREATE TABLE IF NOT EXISTS deliveries (rowid INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, received_at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS imports (
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, instance_id TEXT, status TEXT, revision TEXT, created TEXT, updated TEXT, file_name TEXT, file_size INTEGER,
    parsed_rows INTEGER, succeeded INTEGER, failed INTEGER, arrived INTEGER NOT NULL, json TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS imports_arrived ON imports (arrived);
`);
const insertDelivery = database.prepare('INSERT INTO deliveries (event_id, received_at, body) VALUES (?, ?, ?) ON CONFLICT (event_id) DO NOTHING');
const upsertImport = database.prepare(`
  INSERT INTO imports (id, instance_id, status, revision, created, updated, file_name, file_size, parsed_rows, succeeded, failed, arrived, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET status = excluded.status, revision = excluded.revision, updated = excluded.updated, parsed_rows = excluded.parsed_rows, succeeded = excluded.succeeded,
    failed = excluded.failed, json = excluded.json WHERE CAST(excluded.revision AS INTEGER) >= CAST(imports.revision AS INTEGER)`);
const store = database.transaction((event, now) => {
  if (insertDelivery.run(event.metadata._id, now, JSON.stringify(event)).changes === 0) {
    return;
  }
  const { entity, metadata } = event;
  upsertImport.run(
    entity._id, metadata.instanceId, entity.status, entity.revision, String(entity._createdDate), String(entity._updatedDate), entity.fileMetadata?.name, entity.fileMetadata?.size,
    entity.parseResult?.parsedRowCount, entity.importResult?.successCount, entity.importResult?.failureCount, now, JSON.stringify(entity));
});

const client = createClient({ auth: AppStrategy({ appId: 'peer', publicKey: readFileSync(publicKeyPath, 'utf8') }), modules: { imports } });

client.imports.onLoyaltyImportCreated((event) => store.immediate(event, Date.now()));

const app = express();
app.disable('x-powered-by');
app.post('/webhooks/wix', express.text({ type: '*/*', limit: '2mb' }), async (request, response) => {
  try {
    await client.webhooks.process(request.body);
    response.sendStatus(200);
  } catch (error) {
    response.status(error?.code?.startsWith('SQLITE') ? 503 : 401).send(error.message);
  }
});
const server = app.listen(0, '127.0.0.1', () => console.log(`peer is ready: http://127.0.0.1:${server.address().port}`));
