// Times, keys, copying: what a page needs of the browser. Loaded before Blazor; nothing of it waits for the circuit.
(() => {
  'use strict';
  const units = [[60, 1, 's'], [3600, 60, 'min'], [86400, 3600, 'h'], [2592000, 86400, 'd']];
  const relative = (date) => {
    const seconds = Math.round((Date.now() - date) / 1000);
    if (Math.abs(seconds) < 2) return 'just now';
    for (const [limit, size, name] of units) {
      if (Math.abs(seconds) < limit) {
        const count = Math.floor(Math.abs(seconds) / size);
        return seconds < 0 ? `in ${count} ${name}` : `${count} ${name} ago`;
      }
    }
    return new Date(date).toLocaleDateString(undefined, { dateStyle: 'medium' });
  };
  const exact = (date) => new Date(date).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

  const clock = (date) => new Date(date).toLocaleTimeString(undefined, { timeStyle: 'short' });

  // How long something has gone on: a span however long, never a date.
  const span = (date) => {
    const seconds = Math.max(0, Math.round((Date.now() - date) / 1000));
    if (seconds < 2) return 'a moment';
    const [, size, name] = units.find(([limit]) => seconds < limit) ?? units.at(-1);
    return `${Math.floor(seconds / size).toLocaleString('en-US')} ${name}`;
  };

  // What is planned and whose time has come is not in the past: it happens.
  const due = (date) => (date - Date.now() < 1500 ? 'now' : relative(date));

  // Blazor owns the element, this owns its text: a circuit message a second for each row would cost more than it tells.
  class AgoTime extends HTMLElement {
    static observedAttributes = ['at'];
    connectedCallback() { this.show(); all.add(this); }
    disconnectedCallback() { all.delete(this); }
    attributeChangedCallback() { this.show(); }
    show() {
      const date = Date.parse(this.getAttribute('at'));
      if (Number.isNaN(date)) return;
      const text = (this.hasAttribute('clock') ? clock : this.hasAttribute('exact') ? exact : this.hasAttribute('span') ? span : this.hasAttribute('due') ? due : relative)(date);
      if (this.textContent !== text) { this.textContent = text; this.title = `${exact(date)} · ${this.getAttribute('at')}`; }
    }
  }
  const all = new Set();
  customElements.define('ago-time', AgoTime);
  setInterval(() => { if (!document.hidden) all.forEach((time) => time.show()); }, 1000);

  // A menu opened with the mouse leaves the focus on its button, where MudBlazor takes the first Escape for a way into the menu. It means out of it.
  window.addEventListener('keydown', (event) => {
    const menu = event.key === 'Escape' && document.querySelector('.mud-popover-open');
    if (menu && !menu.contains(document.activeElement)) {
      event.stopPropagation();
      document.querySelector('.mud-overlay')?.click();
      // Else the next Enter would open it again instead of the row that is marked.
      if (document.activeElement?.closest('.menu')) document.activeElement.blur();
    }
  }, { capture: true });

  let everywhere = null;
  let page = null;
  const call = (target, key) => target?.invokeMethodAsync('OnKey', key).catch(() => {});
  // On a list without keys of its own, j and k move the focus from row to row, to the link that opens the row, which is its first; Enter is the browser's.
  const walk = (step) => {
    const links = [...document.querySelectorAll('tr.row')].map((row) => row.querySelector('a.file')).filter(Boolean);
    const at = links.findIndex((link) => link.closest('tr') === document.activeElement?.closest('tr'));
    links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.('input, textarea, select, [contenteditable]')) { if (event.key === 'Escape') event.target.blur(); return; }
    if (document.querySelector('.mud-dialog')) { if (event.key === 'Escape') call(everywhere, 'Escape'); return; }
    if (event.key === '?') { call(everywhere, '?'); return; }
    if (event.key === '/') {
      const search = document.querySelector('.search');
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      return;
    }
    if (event.key === 'Enter' && event.target.closest?.('a, button, summary, [role=menuitem]')) return;
    if (!page) { if (event.key === 'j' || event.key === 'k') walk(event.key === 'j' ? 1 : -1); return; }
    if (['j', 'k', 'o', 'x', 'p', 'e', 'u', 'Enter', 'Escape'].includes(event.key)) call(page.target, event.key);
  });

  let pointer = null;
  window.dashboard = {
    listenEverywhere(layout) { everywhere = layout; },
    // One page listens at a time; the newest wins, and one that is gone takes only its own ears along.
    // Its mark tells scripts that drive the page that keys are heard.
    listen(target, token) { page = { target, token }; document.documentElement.dataset.keys = token; },
    unlisten(token) { if (page?.token === token) page = null; },
    watchPointer(element, target) {
      pointer?.abort();
      // Whoever leaves the page at once takes the element along before this call is here.
      if (!element) return;
      pointer = new AbortController();
      const tell = (over) => target.invokeMethodAsync('OnPointer', over).catch(() => {});
      element.addEventListener('pointerenter', (event) => { if (event.pointerType === 'mouse') tell(true); }, { signal: pointer.signal });
      element.addEventListener('pointerleave', () => tell(false), { signal: pointer.signal });
    },
    reveal(selector) { document.querySelector(selector)?.scrollIntoView({ block: 'nearest' }); },
    click(selector) {
      const element = document.querySelector(selector);
      element?.focus();
      element?.click();
    },
    download(address) {
      const link = document.createElement('a');
      link.href = address;
      link.download = '';
      link.click();
    },
    setTheme(theme) {
      document.documentElement.dataset.theme = theme;
      document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    },
    async copy(text) { await navigator.clipboard.writeText(text); },
  };
})();
