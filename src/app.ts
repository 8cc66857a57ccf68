import express, { type Express, type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import { accountRoutes } from './accounts/account.routes.ts';
import { adminRoutes } from './accounts/admin.routes.ts';
import { auditRoutes } from './accounts/audit.routes.ts';
import { erasureRoutes } from './accounts/erasure.routes.ts';
import { exportRoutes } from './accounts/export.routes.ts';
import { locationRoutes } from './accounts/location.routes.ts';
import { usageRoutes } from './accounts/usage.routes.ts';
import { assistantRoutes } from './assistants/assistant.routes.ts';
import { authRoutes } from './auth/auth.routes.ts';
import { createAuthenticate } from './auth/authenticate.ts';
import { keysRoutes } from './auth/keys.routes.ts';
import { mailTokenRoutes } from './auth/mail-token.routes.ts';
import { meRoutes } from './auth/me.routes.ts';
import { teamRoutes } from './auth/team.routes.ts';
import { chatRoutes } from './chat/chat.routes.ts';
import { widgetRoutes } from './chat/widget.routes.ts';
import { contextRoutes } from './context/context.routes.ts';
import { faqRoutes } from './context/faq.routes.ts';
import { hoursRoutes } from './context/hours.routes.ts';
import { localContextRoutes } from './context/local-context.routes.ts';
import { productRoutes } from './context/product.routes.ts';
import { demoRoutes } from './demo/demo.routes.ts';
import { createRecordChange } from './platform/audit-log.ts';
import type { Platform } from './platform/platform.ts';
import { cors } from './platform/cors.ts';
import { AppError } from './platform/errors.ts';
import { createRunOnce } from './platform/idempotency.ts';
import { describeApi } from './platform/openapi.ts';
import { answerProblem } from './platform/problem-json.ts';
import { createAdmit } from './platform/rate-limits.ts';
import { requestId } from './platform/request-id.ts';
import { createRouteBuilder } from './platform/route.ts';
import type { Services } from './services.ts';
import { widgetFileRoutes } from './widget-files.ts';

/** The Express app: middleware, the routes of every feature, the error handler. */
export function createApp(platform: Platform, services: Services): Express {
  const { accounts, auth, assistants, context, chat, demo, auditLog, erasures, owners } = services;
  const app = express();
  app.set('query parser', 'simple');
  app.set('etag', false); // ours are revisions
  app.set('trust proxy', platform.config.trustedProxies);
  app.use(helmet({ contentSecurityPolicy: pagePolicy }), requestId(platform.newId));
  app.use('/v1', keepOutOfCaches, cors);

  const router = Router();
  const runOnce = createRunOnce(platform.connection, platform.clock);
  const { route, specs } = createRouteBuilder(router, {
    authenticate: createAuthenticate({ ...auth, accounts }),
    admit: createAdmit(platform),
    runOnce,
    recordChange: createRecordChange(auditLog),
  });
  accountRoutes(route, accounts);
  usageRoutes(route, accounts, platform.clock);
  locationRoutes(route, accounts);
  auditRoutes(route, auditLog);
  exportRoutes(route, { accounts, owners, auditLog, clock: platform.clock });
  erasureRoutes(route, {
    accounts,
    erasures,
    requirePassword: async (userId, password, address) =>
      auth.login.requirePassword(await auth.people.get(userId), password, address),
  });
  adminRoutes(route, accounts);
  keysRoutes(route, auth.keys, platform.clock);
  authRoutes(route, auth, platform.config.publicUrl);
  mailTokenRoutes(route, auth, platform.clock);
  meRoutes(route, auth);
  teamRoutes(route, auth, { clock: platform.clock, publicUrl: platform.config.publicUrl });
  hoursRoutes(route, accounts, platform.clock);
  productRoutes(route, context.products);
  faqRoutes(route, context.faqs);
  localContextRoutes(route, context.localContext);
  contextRoutes(route, context, accounts);
  assistantRoutes(route, assistants);
  widgetRoutes(route, accounts, context);
  chatRoutes(route, chat);

  route(
    {
      method: 'get',
      path: '/healthz',
      summary: 'The process lives',
      access: { by: 'anyone' },
      answers: { 200: Health },
    },
    () => ({ status: 200, body: { status: 'ok' } }),
  );
  route(
    {
      method: 'get',
      path: '/readyz',
      summary: 'The database answers',
      access: { by: 'anyone' },
      answers: { 200: Health },
    },
    async () => {
      await platform.connection.db?.command({ ping: 1 });
      return { status: 200, body: { status: 'ok' } };
    },
  );
  const description = describeApi(specs, platform.version);
  router.get('/openapi.json', (_req, res) => res.json(description));

  app.use(router, widgetFileRoutes());
  if (demo !== undefined) app.use(demoRoutes(demo));
  app.use((req) => {
    throw new AppError('not-found', `There is no ${req.method} ${req.path.slice(0, 200)}`);
  });
  app.use(answerProblem(platform.log));
  return app;
}

/** The same URL says something else to each key: no cache may hold an answer. */
const keepOutOfCaches: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store');
  next();
};

const Health = z.strictObject({ status: z.literal('ok') });

/** Pages of ours load nothing from elsewhere and are framed by nobody. */
const pagePolicy = {
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'form-action': ["'none'"],
    'base-uri': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
};
