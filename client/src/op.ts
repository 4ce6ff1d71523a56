/** The operations of a patch buffer. */
export const enum Op {
  Template = 1,
  New,
  Set,
  Move,
  Remove,
  Clear,
  Island,
  Replace,
  Effect,
}
