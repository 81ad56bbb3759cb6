// Progressive enhancement only: every page works without this file, but for security keys.
import { initAll } from './govuk-frontend.js'
import { watchSession } from './session.js'

initAll()
watchSession()

// A security key answers a question of the server; the answer goes back in the form (ACC-4).
const form = document.querySelector('form[data-key]')
if (form) {
  const problem = document.getElementById('key-problem')
  document.getElementById('use-key').addEventListener('click', async () => {
    problem.hidden = true
    try {
      const given = JSON.parse(document.getElementById('key-options').textContent)
      const isNew = form.dataset.key === 'create'
      const answer = isNew
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(given) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(given) })
      document.getElementById('credential').value = JSON.stringify(answer)
      form.submit()
    } catch {
      problem.hidden = false
    }
  })
}
