import { readBody, sendJson, sendProblem } from './http.mjs'

/** What the demo's server may be told to do with the files that it gets. */
const BEHAVIOURS = ['normal', 'slow', 'failing', 'refusing']

/** @typedef {'normal' | 'slow' | 'failing' | 'refusing'} BehaviourName */
/** @typedef {{ current: BehaviourName }} Behaviour */

/** @returns {Behaviour} */
export function createBehaviour() {
  return { current: 'normal' }
}

/**
 * `GET` tells the behaviour, `PUT` sets it: `{"behaviour": "slow"}`.
 *
 * @param {Behaviour} behaviour
 */
export function behaviourRoute(behaviour) {
  /** @type {import('node:http').RequestListener} */
  return async (request, response) => {
    if (request.method === 'GET') return sendJson(response, { behaviour: behaviour.current, behaviours: BEHAVIOURS })
    if (request.method !== 'PUT') return sendProblem(response, 405, 'method_not_allowed', 'Use GET or PUT.', { allow: 'GET, PUT' })
    // A form of another site can send a request here without being asked first, but not with this type.
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
      return sendProblem(response, 415, 'content_type', 'Send JSON, with content-type: application/json.')
    }
    const body = await readBody(request, 1024)
    if (body === undefined) return sendProblem(response, 413, 'body_too_large', 'A behaviour is a few bytes long.')
    const wanted = parse(body)
    if (!BEHAVIOURS.includes(wanted)) {
      return sendProblem(response, 422, 'unknown_behaviour', `Send {"behaviour": …} with one of ${BEHAVIOURS.join(', ')}.`)
    }
    behaviour.current = wanted
    return sendJson(response, { behaviour: behaviour.current, behaviours: BEHAVIOURS })
  }
}

/** @param {string} body */
function parse(body) {
  try {
    return JSON.parse(body)?.behaviour
  } catch {
    return undefined
  }
}
