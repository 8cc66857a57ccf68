import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { settings } from '../src/config.ts';
import { projectRoot } from '../src/platform/platform.ts';

/**
 * Writes what follows from the code: `docs/configuration.md` and `.env.example` from `src/config.ts`. With `--check` nothing is
 * written; exit 1 when a file isn't what it should be.
 */
const described = Object.entries(settings.shape).map(([name, schema]) => ({
  name,
  default: defaultOf(schema),
  meaning: schema.description ?? '',
}));

const configuration = `# Configuration

Settings are environment variables; \`.env.example\` lists them too. Made from \`src/config.ts\` by \`npm run docs\`.

| Setting | Default | Meaning |
| --- | --- | --- |
${described.map((row) => `| \`${row.name}\` | ${row.default === '' ? '' : `\`${row.default}\``} | ${row.meaning} |`).join('\n')}
`;

const example = `# Made from src/config.ts by \`npm run docs\`. Start with it: node --env-file=.env src/main.ts
${described.map((row) => `\n# ${row.meaning.replaceAll('`', '')}\n#${row.name}=${row.default}`).join('\n')}
`;

for (const [file, text] of [
  ['docs/configuration.md', configuration],
  ['.env.example', example],
] as const) {
  const target = path.join(projectRoot, file);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${file} is not what \`npm run docs\` would write\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(target, text);
    process.stdout.write(`${file} written\n`);
  }
}

function defaultOf(schema: z.ZodType): string {
  const parsed = z.union([z.string(), z.number()]).safeParse(schema.safeParse(undefined).data);
  return parsed.success ? String(parsed.data) : '';
}
