import { z } from 'zod';
import type { AccountService } from '../accounts/account.service.ts';
import type { ContextService } from '../context/context.service.ts';
import type { RouteBuilder } from '../platform/route.ts';

const WidgetView = z
  .strictObject({
    name: z.string(),
    greeting: z.string(),
    openNow: z.string().describe('as people say it: "open until 3 pm"; empty while no hours are written down'),
    suggestions: z.array(z.string()),
    notice: z.string().describe('says that one talks to an AI'),
  })
  .meta({ id: 'Widget' });

const SUGGESTIONS_MAX = 3;

export function widgetRoutes(route: RouteBuilder, accounts: AccountService, context: ContextService): void {
  route(
    {
      method: 'get',
      path: '/v1/widget',
      summary: 'What a chat shows before the first message',
      access: { by: 'visitor' },
      answers: { 200: WidgetView },
    },
    async ({ accountId }) => {
      const [account, faqs, hours] = await Promise.all([
        accounts.get(accountId),
        context.faqs.list(accountId),
        context.openingHours(accountId, { date: null, location: null }),
      ]);
      return {
        status: 200,
        body: {
          name: account.name,
          greeting: account.persona.greeting,
          openNow: hours.openNow,
          suggestions: faqs.slice(0, SUGGESTIONS_MAX).map(({ question }) => question),
          notice: `You are talking to the AI assistant of ${account.name}. It can be wrong.`,
        },
      };
    },
  );
}
