export { backUp, copyDatabase, restore, watchWrites } from './backup.ts';
export { connectEmbeddedMongo, type ConnectOptions, type EmbeddedMongo } from './connect.ts';
export { type MongoServer, startMongoServer, type StartOptions } from './server.ts';
