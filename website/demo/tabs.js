/**
 * Tabs as the ARIA Authoring Practices draw them: arrows move, the chosen one alone is in the order of the Tab key.
 * @param {HTMLElement} root holds the tabs and what they control
 */
export function createTabs(root) {
  const tabs = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('[role=tab]')]);

  /** @param {HTMLElement | undefined} chosen */
  function choose(chosen) {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = root.querySelector(`#${tab.getAttribute('aria-controls')}`);
      if (panel instanceof HTMLElement) panel.hidden = !isChosen;
    }
  }

  for (const [place, tab] of tabs.entries()) {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', ({ key }) => {
      const steps = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: -1 };
      if (!(key in steps)) return;
      const next = tabs.at(steps[/** @type {keyof typeof steps} */ (key)] % tabs.length);
      choose(next);
      next?.focus();
    });
  }
  choose(tabs[0]);
}
