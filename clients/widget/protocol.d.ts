/** What the modules of the widget exchange with the service, the page and each other. Not served. */

/** A part of the AI SDK's UI message stream, or of one of its messages, as far as the chat reads it; others pass by. */
export interface Part {
  readonly type: string;
  readonly delta?: string;
  readonly text?: string;
  readonly title?: string;
  readonly messageId?: string;
  readonly errorText?: string;
  readonly output?: { readonly said?: string };
}

export interface StoredMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly parts: readonly Part[];
  readonly state: 'done' | 'interrupted' | 'failed';
}

/** What a visitor asks. The same key again follows the same answer. */
export interface Question {
  readonly text: string;
  readonly idempotencyKey: string;
}

/** A thread and the token that opens it; `pending` is the question whose answer may be running. */
export interface KnownThread {
  readonly id: string;
  readonly token: string;
  readonly pending?: Question;
}

/** `GET /v1/widget`. */
export interface Business {
  readonly name: string;
  readonly greeting: string;
  readonly suggestions: readonly string[];
  readonly notice: string;
}

/** A problem document's field (RFC 9457 extension of ours). */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface CallOptions {
  readonly body?: object;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Whose chat it is: a publishable key, and the service's address up to its last slash. */
export interface ChatOptions {
  readonly key: string;
  readonly service: string;
}

export interface Chat {
  /** Asks as if the visitor had typed it; resolves when the answer is whole. While one is being given, it does nothing. */
  ask(question: string): Promise<void>;
}

/** Of the event `chatbusiness:answer`, which the chat's place gets for each whole answer. */
export interface AnswerDetail {
  readonly threadId: string;
  readonly messageId: string;
}

/** What `widget.js` puts on `window`. */
export interface ChatBusiness {
  /** Puts a chat into an element, which gives it its height. Resolves when it can be used, or has said why it can't. */
  mount(place: Element, options: { readonly key: string }): Promise<Chat>;
}
