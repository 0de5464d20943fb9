import { FLAG_GROUPS, type Flag } from './flags.js'

const EXAMPLES = `upload-panel-server plans uploads, takes their bytes, and tells pages what became of them.

Try it, on this machine alone:
  upload-panel-server
  upload-panel-server --port 0 --data /tmp/try --log-level debug

For an app of your own, on a network:
  UPLOAD_PANEL_TOKEN=… upload-panel-server --host 0.0.0.0 --cors https://app.example.com
  upload-panel-server --host 0.0.0.0 --jwks https://login.example.com/jwks.json --issuer https://login.example.com/ --audience uploads

On several nodes, behind a load balancer that asks /health/ready:
  UPLOAD_PANEL_POSTGRES=postgres://… UPLOAD_PANEL_SECRET=… upload-panel-server --s3 my-bucket --s3-region eu-central-1 \\
    --public-url https://api.example.com/uploads --jwks … --issuer … --audience … --log json --drain 5s

Then, on a page:  createUploader({ backend: httpBackend({ url: 'http://127.0.0.1:8787' }) })
`

const FOOTER = `Each can be given by the environment as well: --max-file-size is UPLOAD_PANEL_MAX_FILE_SIZE. A flag wins.
Without --token, --jwks or --open it listens on this machine alone, and is open.
Events go out by Server-Sent Events, and by Socket.IO too where the package socket.io is installed.
SIGTERM and SIGINT let requests end; a second one ends at once. GET /openapi.json describes the routes.`

/** What `--help` prints: examples first. */
export function helpText(): string {
  const groups = Object.entries(FLAG_GROUPS).map(([title, flags]) => {
    const lines = Object.entries<Flag>(flags).map(([name, flag]) => `  ${nameOf(name, flag).padEnd(30)} ${explained(flag)}`)
    return [`${title}:`, ...lines].join('\n')
  })
  return [EXAMPLES, ...groups.map((group) => `${group}\n`), FOOTER].join('\n')
}

function nameOf(name: string, { value }: Flag): string {
  return value === undefined ? `--${name}` : `--${name} <${value}>`
}

function explained({ help, defaultsTo }: Flag): string {
  return defaultsTo === undefined ? help : `${help} (${defaultsTo})`
}
