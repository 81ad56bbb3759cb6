// Builds what pages load into contactpoint/web/static/built: one style sheet, three scripts, the icon.
// File names carry their digest, so that browsers may keep them for ever; manifest.json maps plain names to them.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compile } from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '..', '..', '..')
const built = join(here, '..', 'static', 'built')
const modules = join(root, 'node_modules')
const manifest = {}

function put (name, content) {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const [stem, ending] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.'))]
  manifest[name] = `${stem}.${digest}${ending}`
  writeFileSync(join(built, manifest[name]), content)
}

rmSync(built, { recursive: true, force: true })
mkdirSync(built, { recursive: true })

const style = compile(join(here, 'pages.scss'), {
  loadPaths: [modules],
  style: 'compressed',
  quietDeps: true
})
put('pages.css', style.css)

const govuk = readFileSync(join(modules, 'govuk-frontend', 'dist', 'govuk', 'govuk-frontend.min.js'), 'utf8')
put('govuk-frontend.js', govuk.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'))
put('session.js', readFileSync(join(here, 'session.js')))
const pages = readFileSync(join(here, 'pages.js'), 'utf8')
put('pages.js', ['govuk-frontend.js', 'session.js'].reduce((text, name) => text.replace(`./${name}`, `./${manifest[name]}`), pages))
put('icon.svg', readFileSync(join(here, 'icon.svg')))

writeFileSync(join(built, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n')
