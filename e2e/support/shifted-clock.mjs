// Loaded before the demo's server where a test lets time pass.
const now = Date.now
const shiftMs = Number(process.env.CLOCK_SHIFT_MS)
Date.now = () => now() + shiftMs
