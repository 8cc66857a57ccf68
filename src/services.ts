import type { Express } from 'express';
import type { AccountService } from './accounts/account.service.ts';
import type { Erasures } from './accounts/erasure.ts';
import type { AssistantService } from './assistants/assistant.service.ts';
import type { AuthService } from './auth/auth.service.ts';
import type { ChatService } from './chat/chat.service.ts';
import type { CommunicationService } from './communication/communication.service.ts';
import type { ContextService } from './context/context.service.ts';
import type { Demo } from './demo/demo.ts';
import type { AuditLog } from './platform/audit-log.ts';
import type { DataOwners } from './platform/data-owners.ts';
import type { Platform } from './platform/platform.ts';

export interface Services {
  readonly accounts: AccountService;
  readonly erasures: Erasures;
  readonly owners: DataOwners;
  readonly auditLog: AuditLog;
  readonly auth: AuthService;
  readonly assistants: AssistantService;
  readonly context: ContextService;
  readonly communication: CommunicationService;
  readonly chat: ChatService;
  /** Absent in production. */
  readonly demo: Demo | undefined;
}

export interface Service extends Services, AsyncDisposable {
  readonly platform: Platform;
  readonly app: Express;
  /** Starts the jobs in this process. */
  startWorker(): Promise<void>;
  /** Ends turns, syncs and jobs, in bounded time; the database stays open until disposal. */
  drain(): Promise<void>;
}
