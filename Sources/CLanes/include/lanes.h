// Vector instructions that Swift's SIMD types do not reach, imported as SIMD16<Float> and SIMD8<Double>.
// `SIMD.squareRoot()` lowers to one scalar instruction an element; these lower to one a register. Functions made of
// several of them are in lane_functions.h.
#pragma once

typedef float lanes_f32 __attribute__((ext_vector_type(16)));
typedef double lanes_f64 __attribute__((ext_vector_type(8)));
#define LANES_INLINE static inline __attribute__((always_inline))

LANES_INLINE lanes_f32 lanes_sqrt_f32(lanes_f32 x) { return __builtin_elementwise_sqrt(x); }
LANES_INLINE lanes_f64 lanes_sqrt_f64(lanes_f64 x) { return __builtin_elementwise_sqrt(x); }
LANES_INLINE lanes_f32 lanes_abs_f32(lanes_f32 x) { return __builtin_elementwise_abs(x); }
LANES_INLINE lanes_f64 lanes_abs_f64(lanes_f64 x) { return __builtin_elementwise_abs(x); }

// A NaN in either operand must reach the result, so that a bad gradient is never hidden.
LANES_INLINE lanes_f32 lanes_max_f32(lanes_f32 x, lanes_f32 y) { return ((x > y) | (x != x)) ? x : y; }
LANES_INLINE lanes_f64 lanes_max_f64(lanes_f64 x, lanes_f64 y) { return ((x > y) | (x != x)) ? x : y; }
LANES_INLINE lanes_f32 lanes_min_f32(lanes_f32 x, lanes_f32 y) { return ((x < y) | (x != x)) ? x : y; }
LANES_INLINE lanes_f64 lanes_min_f64(lanes_f64 x, lanes_f64 y) { return ((x < y) | (x != x)) ? x : y; }

// Bounds are never NaN. In this order of operands one instruction returns a NaN in x, without a test for it.
LANES_INLINE lanes_f32 lanes_at_most_f32(lanes_f32 x, float most) { lanes_f32 b = most; return b < x ? b : x; }
LANES_INLINE lanes_f64 lanes_at_most_f64(lanes_f64 x, double most) { lanes_f64 b = most; return b < x ? b : x; }
LANES_INLINE lanes_f32 lanes_at_least_f32(lanes_f32 x, float least) { lanes_f32 b = least; return b > x ? b : x; }
LANES_INLINE lanes_f64 lanes_at_least_f64(lanes_f64 x, double least) { lanes_f64 b = least; return b > x ? b : x; }

LANES_INLINE lanes_f32 lanes_quotient_f32(lanes_f32 x, lanes_f32 y) { return y != 0 ? x / y : 0; }
LANES_INLINE lanes_f64 lanes_quotient_f64(lanes_f64 x, lanes_f64 y) { return y != 0 ? x / y : 0; }

// `replacing(with:where:)` takes the elements one by one.
LANES_INLINE lanes_f32 lanes_select_f32(lanes_f32 x, lanes_f32 y, lanes_f32 z) { return z > 0 ? x : y; }
LANES_INLINE lanes_f64 lanes_select_f64(lanes_f64 x, lanes_f64 y, lanes_f64 z) { return z > 0 ? x : y; }

// x − x is 0 if x is finite, and NaN otherwise: a sign must not hide a bad gradient either.
LANES_INLINE lanes_f32 lanes_sign_f32(lanes_f32 x) { return (x > 0 ? 1 : x < 0 ? (lanes_f32)-1.0f : 0) + (x - x); }
LANES_INLINE lanes_f64 lanes_sign_f64(lanes_f64 x) { return (x > 0 ? 1 : x < 0 ? (lanes_f64)-1.0 : 0) + (x - x); }

// A float's square is exact in double, so contraction to a fused operation would change nothing.
typedef double lanes_f64x16 __attribute__((ext_vector_type(16)));
LANES_INLINE lanes_f64x16 lanes_widen_f32(lanes_f32 x) { return __builtin_convertvector(x, lanes_f64x16); }
LANES_INLINE lanes_f32 lanes_narrow_f32(lanes_f64x16 x) { return __builtin_convertvector(x, lanes_f32); }
