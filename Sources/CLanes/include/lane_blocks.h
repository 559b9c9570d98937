// Loops over rows of lanes, of which the interpreter of update rules is made.
#pragma once

#include <stddef.h>

/// What a loop computes for the lanes x, y and z of its operands. The functions round as those of lanes.h do; products
/// and sums are rounded one by one. Swift's `BlockOperation` lists the same operations in the same order.
enum lanes_operation {
  LANES_COPY,
  LANES_NEGATE,
  LANES_MAGNITUDE,
  LANES_SQUARE_ROOT,
  LANES_SIGN,
  LANES_EXPONENTIAL,
  LANES_LOGARITHM,
  LANES_CUBE_ROOT,
  LANES_SIGMOID,
  LANES_POWER, // x to the exponent
  LANES_ADD,
  LANES_SUBTRACT,
  LANES_MULTIPLY,
  LANES_DIVIDE,
  LANES_QUOTIENT_OR_ZERO,
  LANES_MAXIMUM,
  LANES_MINIMUM,
  LANES_AT_MOST,  // bounds are uniform
  LANES_AT_LEAST,
  LANES_SELECT,             // x where z > 0, else y
  LANES_FUSED_MULTIPLY_ADD, // x y + z, rounded once
  LANES_TIMES_PLUS,         // x y + z
  LANES_PLUS_TIMES,         // x + y z
  LANES_MINUS_TIMES,        // x - y z
  LANES_CLAMP,              // at least y and at most z
  LANES_INFINITY_AS_NAN,    // x - (x - x)
  LANES_CLAMP_FINITE,       // the same, then at least y and at most z
  LANES_DECAY,              // (x - y x) + y z; y is uniform here and below
  LANES_DECAY_SQUARE,       // (x - y x) + (y z) z
  LANES_FINITE_DECAY,
  LANES_FINITE_DECAY_SQUARE,
  LANES_FINITE_DIFFERENCE,  // x - y, and the nearest finite number
  LANES_ROOT_PLUS,          // root of x, plus y
  LANES_ROOT_OF_SUM_PLUS,   // root of x + y, plus z
  LANES_TIMES_QUOTIENT,     // x y / z, and 0 where z is 0
};

/// A row of lanes; `stride` is the number of lanes from one to the next, 0 for a uniform number.
struct lanes_row {
  void *lanes;
  ptrdiff_t stride;
};

/// result ← operation(x, y, z) for `count` lanes of SIMD16<Float> or SIMD8<Double>, in their order. The result may be one
/// of the operands.
void lanes_loop_f32(
  int operation, struct lanes_row result, struct lanes_row x, struct lanes_row y, struct lanes_row z, double exponent,
  size_t count);
void lanes_loop_f64(
  int operation, struct lanes_row result, struct lanes_row x, struct lanes_row y, struct lanes_row z, double exponent,
  size_t count);
