/** As many digits behind the point as the described sources have; 20 are left in front of it. */
export const EXACT_SCALE = 18
