// Passkeys: asks the browser's authenticator and posts its answer with the form that the button stands in. Nothing is shown where the browser knows no passkeys.
(() => {
  'use strict';
  const canAsk = !!(window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON && PublicKeyCredential.parseRequestOptionsFromJSON && navigator.credentials);
  const ask = async (path, token) => {
    const response = await fetch(path, { method: 'POST', headers: { RequestVerificationToken: token } });
    if (!response.ok) throw new Error('The page is too old for that. Load it again.');
    const options = await response.json();
    return options.user
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };
  for (const button of document.querySelectorAll('[data-passkey]')) {
    const form = button.form;
    const fault = form.querySelector('[data-passkey-fault]');
    button.hidden = !canAsk;
    button.addEventListener('click', async () => {
      if (!form.reportValidity()) return;
      button.disabled = true;
      fault.hidden = true;
      try {
        const credential = await ask(button.dataset.passkey, form.querySelector('[name=__RequestVerificationToken]').value);
        form.querySelector('[data-credential]').value = JSON.stringify(credential);
        form.submit();
      } catch (error) {
        fault.textContent = error.name === 'NotAllowedError' ? 'No passkey was given. Try again, or take another way.' : error.name === 'InvalidStateError' ? 'This device has a passkey for this account already.' : error.message;
        fault.hidden = false;
        button.disabled = false;
      }
    });
  }
})();
