// Warns before the session ends, and clears the page when it does (ACC-5).
// Without scripts, a refresh in the page's head does the latter, and its foot says when.

const ASK_AGAIN = 60_000 // a page that comes back into view asks at most so often

export function watchSession () {
  const dialog = document.getElementById('session-warning')
  if (!dialog) return
  const left = dialog.querySelector('[data-left]')
  const said = dialog.querySelector('[role="status"]')
  const form = dialog.querySelector('form[data-stay]')
  const warnBefore = Number(dialog.dataset.warn) * 1000
  let end = 0
  let asked = Date.now()
  let isOver = false
  let isAsking = false

  function setEnd (seconds) {
    end = Date.now() + seconds * 1000
  }

  // What is left to see goes first: the answer of the server may take its time, or never come.
  function clear () {
    isOver = true
    document.title = 'Signed out – ContactPoint'
    document.body.replaceChildren()
    window.location.replace(dialog.dataset.over)
  }

  // Another window may have put the end off, or ended the session: only the server knows.
  async function ask (options = {}) {
    asked = Date.now()
    isAsking = true
    try {
      const answer = await fetch(options.method ? dialog.dataset.stay : dialog.dataset.ask, { redirect: 'manual', ...options })
      if (!answer.ok) return clear()
      const told = await answer.json()
      setEnd(told.seconds)
      if (form) form.hidden = !told.can_be_put_off // the end after eight hours comes whatever anybody does
      document.querySelectorAll('[data-session-at]').forEach(place => { place.textContent = told.at })
      if (told.seconds * 1000 > warnBefore) dialog.close()
    } catch {
      if (Date.now() >= end) clear() // no connection: the end stays as it was
    } finally {
      isAsking = false
    }
  }

  function inWords (seconds) {
    if (seconds > 60) return `${Math.ceil(seconds / 60)} minutes`
    return seconds === 1 ? '1 second' : `${seconds} seconds`
  }

  async function look () {
    if (isOver || isAsking) return
    const seconds = Math.ceil((end - Date.now()) / 1000)
    if (seconds <= 0) {
      document.body.hidden = true
      await ask()
      document.body.hidden = isOver
      return
    }
    if (seconds * 1000 > warnBefore) return
    if (!dialog.open) {
      await ask()
      if (isOver || (end - Date.now()) > warnBefore) return
      dialog.showModal()
    }
    const words = inWords(seconds)
    left.textContent = words
    // Read out each minute, then each twenty seconds: more often, nobody could do anything else.
    if (seconds % (seconds > 60 ? 60 : 20) === 0) said.textContent = `You will be signed out in ${words}.`
  }

  function stay (event) {
    event.preventDefault()
    if (form) ask({ method: 'POST', body: new FormData(form) })
  }

  if (form) form.addEventListener('submit', stay)
  dialog.addEventListener('cancel', stay) // the Escape key
  // A machine that slept, or a page brought back: look at once, and ask whether the session still goes on.
  function comeBack (isBrought) {
    if (document.visibilityState !== 'visible') return
    look()
    if (isBrought || Date.now() - asked > ASK_AGAIN) ask()
  }
  document.addEventListener('visibilitychange', () => comeBack(false))
  window.addEventListener('pageshow', event => { if (event.persisted) comeBack(true) })
  setEnd(Number(dialog.dataset.seconds))
  setInterval(look, 1000)
}
