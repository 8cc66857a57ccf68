/** Where the panel fills the screen and is modal. */
export const FULL_SCREEN = '(max-width: 480px), (max-height: 480px)';

/** A constructed style sheet: a page's policy for styles doesn't see it. */
export const chatStyles = new CSSStyleSheet();
chatStyles.replaceSync(`
.chat {
  color-scheme: light dark;
  --surface: light-dark(#fff, #23201d);
  --sunken: light-dark(#f3ede3, #1e1b18);
  --line: light-dark(#e2d8c9, #3a352f);
  --ink: light-dark(#2a2420, #f1e9df);
  --quiet: light-dark(#665b50, #b5a99b);
  --accent: var(--chatbusiness-accent, light-dark(#3f5b86, #a9c4f2));
  --on-accent: var(--chatbusiness-on-accent, light-dark(#fff, #161412));
  box-sizing: border-box;
  flex-direction: column;
  height: 100%;
  background: var(--surface);
  color: var(--ink);
  font: 16px/1.5 var(--chatbusiness-font, system-ui, 'Liberation Sans', sans-serif);
  overflow: hidden;
}
section, dialog[open] { display: flex }
dialog {
  position: fixed;
  z-index: 2147483000;
  inset: auto 20px calc(var(--chatbusiness-bottom, 20px) + 68px) auto;
  width: 400px;
  max-width: none;
  max-height: min(640px, 100dvh - var(--chatbusiness-bottom, 20px) - 88px);
  padding: 0;
  border: 1px solid var(--line);
  border-radius: 18px;
  box-shadow: 0 10px 44px #0005;
}
@media ${FULL_SCREEN} {
  dialog { inset: 0; width: 100%; max-height: none; border: 0; border-radius: 0 }
}
.chat * { box-sizing: border-box; margin: 0 }
[hidden] { display: none !important }
a { color: var(--accent) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.head { display: flex; align-items: center; gap: 8px; padding: 12px 14px 0 18px }
h2 { flex: 1; min-width: 0; font-size: 18px; line-height: 1.25; overflow-wrap: anywhere }
.notice, .sources, .chat .note { color: var(--quiet); font-size: 14px; line-height: 1.4 }
.notice { padding: 6px 18px 12px; border-bottom: 1px solid var(--line) }
.ai-badge { margin-inline-end: 8px; padding: 1px 7px; border-radius: 6px; font-weight: 700 }
.ai-badge, .strong, .bubble-visitor { background: var(--accent); color: var(--on-accent) }
button {
  flex: none;
  min-height: 44px;
  padding: 8px 16px;
  border: 1px solid transparent;
  border-radius: 22px;
  background: none;
  color: var(--accent);
  font: inherit;
  font-weight: 600;
  line-height: 1.3;
  cursor: pointer;
}
button:hover, .suggestion { border-color: var(--accent) }
button:disabled { border-color: var(--line); color: var(--quiet); cursor: default }
.quiet { min-height: 34px; padding: 4px 12px; border-color: var(--line); font-size: 14px }
.close { padding: 0 12px; color: var(--ink); font-size: 26px }
.log {
  display: flex;
  flex: 1 0 0;
  flex-direction: column;
  gap: 14px;
  min-height: 100px;
  padding: 16px;
  background: var(--sunken);
  overflow-y: auto;
  overscroll-behavior: contain;
}
.log:focus-visible { outline-offset: -4px }
.bubble { max-width: 90%; padding: 10px 14px; border-radius: 14px; overflow-wrap: anywhere }
.bubble-visitor { align-self: end; border-end-end-radius: 4px; white-space: pre-wrap }
.bubble-answer { align-self: start; border: 1px solid var(--line); border-end-start-radius: 4px; background: var(--surface) }
.chat .bubble-text > * + * { margin-top: 9px }
ul, ol { padding-inline-start: 22px }
.waiting { display: flex; gap: 5px; padding: 7px 0 }
i { width: 8px; height: 8px; border-radius: 50%; background: var(--quiet) }
.chat .sources, .chat .note { margin-top: 8px }
.problem { color: light-dark(#a32020, #ff9d92) }
.problem button { margin-top: 8px }
.suggestions { display: flex; flex-wrap: wrap; gap: 8px }
.suggestion { flex: initial; background: var(--surface); text-align: start }
form { display: flex; align-items: end; gap: 10px; padding: 12px 16px; border-top: 1px solid var(--line) }
textarea {
  flex: 1;
  min-width: 0;
  min-height: 44px;
  max-height: 132px;
  padding: 9px 12px;
  border: 1px solid var(--quiet);
  border-radius: 10px;
  background: var(--surface);
  color: var(--ink);
  font: inherit;
  resize: none;
  field-sizing: content;
}
::placeholder { color: var(--quiet); opacity: 1 }
@media (prefers-reduced-motion: no-preference) {
  i { animation: breathe 1.2s infinite }
  i + i { animation-delay: 0.2s }
}
@keyframes breathe { 50% { opacity: 0.25 } }
@media (forced-colors: active) { .bubble-visitor, .ai-badge, .strong { border: 1px solid } }
`);
