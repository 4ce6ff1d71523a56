/** A module whose function answers with `i8x16.popcnt(i8x16.splat(0))`. */
const SPLAT = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
];

/** Whether this browser runs modules with SIMD. */
export const runsSimd = (): boolean => WebAssembly.validate(new Uint8Array(SPLAT));
