import type { TestProject } from 'vitest/node'
import { startServices } from './start-services.ts'

/** Starts the servers once for all test files; vitest calls what it returns at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { services, stop } = await startServices()
  project.provide('services', services)
  return stop
}
