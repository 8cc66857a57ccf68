import type { RunCommand } from './command.ts';

/** `seed`: makes the demo businesses unless they are there. */
export const seedCommand: RunCommand<object> = async (_options, { service, isJson, print }) => {
  await service.demo?.seed();
  const businesses = ((await service.demo?.list()) ?? []).map(({ slug, name }) => ({ slug, name }));
  print(isJson ? JSON.stringify({ businesses }) : businesses.map(({ slug, name }) => `${slug}  ${name}`).join('\n'));
  return 0;
};
