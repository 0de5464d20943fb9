/** How tests wait for what a server does: they look often, and give a busy machine time. */
export const PATIENCE = { interval: 2, timeout: 10_000 }
