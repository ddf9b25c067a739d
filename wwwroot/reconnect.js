// After a lost connection: say so, come back by itself, and never stay dead. Blazor raises these events on the dialog.
(() => {
  'use strict';
  const dialog = document.getElementById('components-reconnect-modal');
  const text = document.getElementById('reconnect-text');
  // The server may have restarted: its circuits are gone, but the page itself can be loaded again as soon as it answers.
  const reloadWhenBack = async () => {
    text.textContent = 'The server was restarted. Loading the page again…';
    for (;;) {
      try {
        if ((await fetch('/health/live', { cache: 'no-store' })).ok) { location.reload(); return; }
      } catch { /* not yet */ }
      await new Promise((done) => { setTimeout(done, 1000); });
    }
  };
  dialog.addEventListener('components-reconnect-state-changed', (event) => {
    document.documentElement.dataset.connection = event.detail.state === 'hide' ? 'open' : 'lost';
    switch (event.detail.state) {
      case 'show': text.textContent = 'Reconnecting… Nothing is lost: Wix sends again what it could not deliver.'; if (!dialog.open) dialog.showModal(); break;
      case 'hide': dialog.close(); break;
      case 'failed': case 'rejected': case 'resume-failed': if (!dialog.open) dialog.showModal(); reloadWhenBack(); break;
      default: break;
    }
  });
})();
