/** The module of a small window, which hands its test what panels in it are made and read with. */
import * as harness from './panel-harness.js'

export type WindowPage = typeof harness

Object.assign(window, { page: harness })
