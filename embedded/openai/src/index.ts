export { type Engine, type EngineOptions, openEngine } from './engine.ts';
export { serveEngine } from './serve-engine.ts';
