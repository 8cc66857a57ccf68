import type { RunCommand } from './command.ts';
import { recordChange } from './record-change.ts';

/** `jwt rotate`: another key signs sessions from now on; nobody is logged out. */
export const rotateJwtCommand: RunCommand<object> = async (_options, context) => {
  const { service, isJson, print } = context;
  const kid = await service.auth.signingKeys.rotate();
  await recordChange(context, { action: 'jwt rotate', accountId: null, target: { kid } });
  print(
    isJson
      ? JSON.stringify({ kid })
      : `sessions are signed by the key ${kid} from now on; those before stay good until they are over`,
  );
  return 0;
};
