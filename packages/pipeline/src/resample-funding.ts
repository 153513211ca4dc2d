/** A module of its own, so that a run loads what makes gold when there is gold to be made. */
export { resampleFunding } from '@lake/resample'
