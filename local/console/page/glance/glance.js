// To be filled.

export function start() {}

export function take() {}
