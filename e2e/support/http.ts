import { request } from 'node:http'
import { expect } from '@playwright/test'
import type { CreatedUpload, CreateUploadFile, CreateUploadsAnswer, Problem, PutPlan, SyncStatusUpdate } from '@upload-panel/core/protocol'

/** The adapter's routes, called without a browser. */
export interface Api {
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
  get(path: string): Promise<Response>
  put(url: string, body: Uint8Array<ArrayBuffer> | string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Creates one upload and answers its operation and plan. */
  create(file: Partial<CreateUploadFile>): Promise<Extract<CreatedUpload, { plan: unknown }>>
  /** The address of a planned PUT, absolute. */
  urlOf(plan: PutPlan): string
  /** The server's word on one operation. */
  operation(id: string): Promise<SyncStatusUpdate>
}

export function createApi(url: string): Api {
  const root = `${url}/uploads/`
  let refs = 0
  const api: Api = {
    post: (path, body, headers = { 'content-type': 'application/json' }) =>
      fetch(root + path, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) }),
    get: (path) => fetch(root + path),
    put: (to, body, headers = {}) => fetch(to, { method: 'PUT', headers, body }),
    async create(file) {
      const described = { client_ref: `ref-${(refs += 1)}`, name: 'file.bin', size: 4, type: '', ...file }
      const response = await api.post('commands/upload-jobs', { job_id: 'e2e-job', files: [described] })
      expect(response.status).toBe(200)
      const { operations } = (await response.json()) as CreateUploadsAnswer
      const [created] = operations
      if (created === undefined || !('plan' in created)) throw new Error(`No plan: ${JSON.stringify(operations)}`)
      return created
    },
    urlOf: (plan) => new URL(plan.url, root).href,
    async operation(id) {
      const response = await api.post('queries/operations', { ids: [id] })
      const { operations } = (await response.json()) as { operations: SyncStatusUpdate[] }
      return operations[0]!
    },
  }
  return api
}

/** That an answer is a problem document with this status; answers what it says. */
export async function expectProblem(response: Response, status: number): Promise<Problem> {
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  const problem = (await response.json()) as Problem
  expect({ status: response.status, problem }).toMatchObject({
    status,
    problem: { status, code: expect.stringMatching(/^[a-z_]+$/), title: expect.any(String) },
  })
  return problem
}

/** The status that a path gets which `fetch` would have tidied up first: dots, backslashes and all. */
export function statusOfRawPath(url: string, method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    request({ hostname, port, method, path, headers: { 'content-length': 0 } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}
