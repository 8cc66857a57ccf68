import { runCli } from './cli.ts';

// `npm run eval -- …` is `npm run cli -- eval …`.
process.exitCode = await runCli(['eval', ...process.argv.slice(2)]);
