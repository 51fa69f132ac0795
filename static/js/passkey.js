/* Passkeys: says in the page what went wrong between browser and key, and hides the offer where there are none. */

const REASONS = {
  NotAllowedError: "No passkey was used: it was cancelled, took too long, or this device holds none for this site.",
  InvalidStateError: "This key is registered already.",
  SecurityError: "Passkeys need a secure address: https, or localhost.",
};

function startPasskeys() {
  if (!window.PublicKeyCredential) {
    for (const offer of document.querySelectorAll("[data-passkey]")) offer.hidden = true;
  }
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const problem = document.querySelector("[data-passkey-problem]");
    if (!problem) return;
    problem.textContent = REASONS[event.detail.exception?.name] ?? "The browser could not use a passkey here. Try another way.";
    problem.hidden = false;
  });
}

startPasskeys();
