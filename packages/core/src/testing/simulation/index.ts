export type { CheckOptions } from './check.js'
export { checkScenarios } from './check.js'
export { memorySimulatedServer } from './memory-simulated-server.js'
export type { SimulationOptions, Violation } from './run.js'
export { simulate } from './run.js'
export type {
  Fate,
  MessageFate,
  PageChange,
  Route,
  Scenario,
  ServerWord,
  Setting,
  Step,
  UserAct,
  WorkEnd,
  WorldChange,
} from './scenario.js'
export { scenarios } from './scenarios.js'
export type {
  Place,
  SimulatedRequest,
  SimulatedResponse,
  SimulatedServer,
  SimulatedServerContext,
  SimulatedServerFactory,
} from './simulated-server.js'
