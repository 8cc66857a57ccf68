/** What a page includes (README.md): it shows a button, and fetches the chat when somebody reaches for it. */
(() => {
  /** @typedef {import('./protocol.d.ts').ChatBusiness} ChatBusiness */

  // Found by its address where an optimiser runs it late.
  const script = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
  if (!(script instanceof HTMLScriptElement)) return;
  const service = new URL('.', script.src).href;
  const { key, label = 'Chat with our AI assistant', inline } = script.dataset;
  const openPlace = `chatbusiness.open.${key}`;

  /** @returns {Promise<typeof import('./panel.js')>} */
  const load = () => import(`${service}widget/panel.js`);
  const preload = () => void load().catch(() => undefined);

  /**
   * @param {Element} place
   * @param {string} css
   */
  function attachRoot(place, css) {
    const host = document.createElement('chat-business');
    const root = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:host{all:initial!important;${css}`);
    root.adoptedStyleSheets = [sheet];
    place.append(host);
    return root;
  }

  /** @type {ChatBusiness['mount']} */
  async function mount(place, { key }) {
    const root = attachRoot(place, 'display:block!important;height:100%!important}');
    return (await load()).showInline(root, { key, service });
  }

  /** @param {string} key */
  function addLauncher(key) {
    if (document.querySelector('chat-business[launcher]')) return; // the line is on the page twice
    const root = attachRoot(document.body, launcherCss);
    root.host.setAttribute('launcher', '');
    const button = document.createElement('button');
    const problem = document.createElement('p');
    button.id = 'launcher';
    button.ariaLabel = label;
    button.ariaHasPopup = 'dialog';
    button.ariaExpanded = 'false';
    button.append(drawIcon());
    problem.id = 'failure';
    problem.role = 'alert';
    root.append(button, problem);

    /** @type {Promise<ReturnType<typeof import('./panel.js').createPanel>> | undefined} */
    let panel;

    /** @param {'toggle' | 'reopen'} act */
    async function usePanel(act) {
      try {
        problem.textContent = '';
        panel ??= load().then(({ createPanel }) => createPanel(root, button, { key, service, openPlace }));
        (await panel)[act]();
      } catch (error) {
        panel = undefined;
        problem.textContent = 'The chat can’t be loaded right now.';
        console.error('ChatBusiness:', error);
      }
    }

    button.addEventListener('pointerenter', preload);
    button.addEventListener('focus', preload);
    button.addEventListener('click', () => void usePanel('toggle'));
    if (wasOpen()) void usePanel('reopen');
  }

  function wasOpen() {
    try {
      return sessionStorage.getItem(openPlace) !== null;
    } catch {
      return false; // storage that is closed to us
    }
  }

  function drawIcon() {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const path = document.createElementNS(svg.namespaceURI, 'path');
    svg.setAttribute('viewBox', '0 0 32 32');
    path.setAttribute(
      'd',
      'M7 6h18a4 4 0 0 1 4 4v9a4 4 0 0 1-4 4H15l-7 5v-5a5 5 0 0 1-5-4v-9a4 4 0 0 1 4-4zM9 12h14M9 17h9',
    );
    svg.append(path);
    return svg;
  }

  const launcherCss = `--accent:var(--chatbusiness-accent,light-dark(#3f5b86,#a9c4f2))}
#launcher,#failure{position:fixed;z-index:2147483000;right:20px;bottom:var(--chatbusiness-bottom,20px);color-scheme:light dark;box-shadow:0 4px 18px #0004}
#launcher{width:56px;height:56px;padding:13px;border:1px solid transparent;border-radius:50%;
background:var(--accent);color:var(--chatbusiness-on-accent,light-dark(#fff,#161412));cursor:pointer}
#launcher:focus-visible{outline:3px solid var(--accent);outline-offset:3px;box-shadow:0 0 0 3px light-dark(#fff,#161412)}
svg{fill:none;stroke:currentColor;stroke-width:2.4;stroke-linejoin:round}
#failure{margin:0 68px 4px;padding:10px 14px;border-radius:10px;background:#fff;color:#a32020;font:16px/1.4 system-ui,sans-serif}
#failure:empty{display:none}
@media print{:host{display:none!important}}`;

  function start() {
    if (key === undefined) return;
    if (inline === undefined) return addLauncher(key);
    const place = inline ? document.querySelector(inline) : script?.parentElement;
    if (place) mount(place, { key }).catch((error) => console.error('ChatBusiness:', error));
    else console.error(`ChatBusiness: there is no ${inline}`);
  }

  const page = /** @type {Window & { ChatBusiness?: ChatBusiness }} */ (window);
  page.ChatBusiness ??= { mount };
  if (inline === undefined ? document.body : document.readyState !== 'loading') start();
  else document.addEventListener('DOMContentLoaded', start);
})();
