import express from 'express'
import { openDocuments } from '../lib/documents.mjs'
import { createSessions } from '../lib/sessions.mjs'
import { createJobs } from './jobs.mjs'

const directory = process.env.DATA || '.data'
const documents = openDocuments(directory)
const sessions = createSessions()
const jobs = createJobs(documents)

const app = express()
app.use(express.json())
app.use(express.text({ limit: '10mb' }))

app.post('/login', (request, response) => {
  const { name, password } = request.body ?? {}
  const token = sessions.signIn(String(name), String(password))
  if (token === undefined) return void response.status(401).json({ error: 'Name or password is wrong.' })
  response.json({ token })
})

app.use((request, response, next) => {
  const user = sessions.userOf(request.get('authorization'))
  if (user === undefined) return void response.status(401).json({ error: 'Sign in first.' })
  response.locals.user = user
  next()
})

app.post('/documents', async (request, response) => {
  if (typeof request.body !== 'string') return void response.status(415).json({ error: 'Send text/plain.' })
  const { title } = request.query
  const id = documents.add(response.locals.user, typeof title === 'string' ? title : 'untitled', request.body)
  await jobs.add(id)
  response.status(202).json({ id })
})

app.get('/documents', (_request, response) => void response.json(documents.list(response.locals.user)))

const server = app.listen(Number(process.env.PORT || 3000), '127.0.0.1', () => {
  const address = server.address()
  console.log(`The API listens on http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : ''}`)
})

process.once('SIGTERM', () => void stop())

async function stop() {
  const closed = new Promise((done) => server.close(done))
  await jobs.finished()
  await closed
  documents.close()
}
