/** Raised whenever the same bronze bytes give other silver bytes; a golden test forces it. */
export const SILVER_REVISION = 7
