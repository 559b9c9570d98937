// eˣ, log x, xᵖ and ∛x of SIMD16<Float> and SIMD8<Double> from IEEE operations alone, without a table or a branch.
//
// No libm: its bits differ between systems. No fused operations, because not every processor has them: contraction is
// off. Float is evaluated in double and rounded once. The polynomials interpolate at Chebyshev's nodes.
#pragma once

#include "include/lanes.h"

#pragma STDC FP_CONTRACT OFF

// Everything here is inlined: how a vector would be passed to a function does not matter.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef unsigned long long lanes_u64 __attribute__((ext_vector_type(8)));
typedef float lanes_f32x8 __attribute__((ext_vector_type(8)));

// Adding it rounds to a whole number, which is then in the low bits.
#define LANES_ROUNDER 0x1.8p52
// ln 2 = the high part, of 42 bits, so that its product with an exponent is exact, + the low part.
#define LANES_LN2_HIGH 0x1.62e42fefa3p-1
#define LANES_LN2_LOW 0x1.3de6af278ece6p-42

LANES_INLINE lanes_f64 lanes_select(lanes_f64 no, lanes_f64 yes, lanes_u64 where) {
  return (lanes_f64)(((lanes_u64)yes & where) | ((lanes_u64)no & ~where));
}

// 2ᵏ for whole k in [−1022, 1023].
LANES_INLINE lanes_f64 lanes_power_of_two(lanes_f64 k) {
  return (lanes_f64)((lanes_u64)(k + (LANES_ROUNDER + 1023)) << 52);
}

// A positive normal x as 2ᵏ m with m in [√½, √2).
typedef struct { lanes_f64 k, m; } lanes_split;

LANES_INLINE lanes_split lanes_split_f64(lanes_f64 x) {
  const unsigned long long sqrt_half = 0x3fe6a09e667f3bcd, one = 0x3ff0000000000000;
  lanes_u64 shifted = (lanes_u64)x + (one - sqrt_half);
  lanes_f64 k = (lanes_f64)((shifted >> 52) | 0x4330000000000000) - (0x1p52 + 1023);
  return (lanes_split){k, (lanes_f64)((shifted & 0x000fffffffffffff) + sqrt_half)};
}

// The same for any positive x.
LANES_INLINE lanes_split lanes_split_any(lanes_f64 x) {
  lanes_u64 is_denormal = (lanes_u64)(x < 0x1p-1022);
  lanes_split s = lanes_split_f64(lanes_select(x, x * 0x1p54, is_denormal));
  s.k -= (lanes_f64)(is_denormal & (lanes_u64)(lanes_f64)54.0);
  return s;
}

// Sets the values at 0, at ∞ and below 0, where `y` is meaningless: for log x, and with `power` for xᵖ.
LANES_INLINE lanes_f64 lanes_edges(lanes_f64 y, lanes_f64 x, lanes_f64 at_zero, lanes_f64 at_infinity) {
  y = lanes_select(y, at_zero, (lanes_u64)(x == 0));
  y = lanes_select(y, at_infinity, (lanes_u64)(x == __builtin_inf()));
  return lanes_select((lanes_f64)__builtin_nan(""), y, (lanes_u64)(x >= 0));
}

// MARK: exp

LANES_INLINE lanes_f64 lanes_clamp_exponent(lanes_f64 x) {
  x = x > 710 ? (lanes_f64)710.0 : x;
  return x < -746 ? (lanes_f64)-746.0 : x;
}

// e^(x + low), |low| at most half a unit of x.
LANES_INLINE lanes_f64 lanes_exp_sum(lanes_f64 x, lanes_f64 low) {
  lanes_f64 k = (x * 0x1.71547652b82fep0 + LANES_ROUNDER) - LANES_ROUNDER;
  lanes_f64 high = x - k * LANES_LN2_HIGH;
  low -= k * LANES_LN2_LOW;
  lanes_f64 r = high + low, c = (high - r) + low;
  lanes_f64 q = r * 0x1.1f731ea5352cap-29 + 0x1.af4e196027428p-26;
  q = q * r + 0x1.27e4db57442fbp-22;
  q = q * r + 0x1.71de021a90822p-19;
  q = q * r + 0x1.a01a01a6dcaffp-16;
  q = q * r + 0x1.a01a01abef415p-13;
  q = q * r + 0x1.6c16c16c162ccp-10;
  q = q * r + 0x1.11111111100cep-7;
  q = q * r + 0x1.5555555555556p-5;
  q = q * r + 0x1.5555555555557p-3;
  q = q * r + 0.5;
  lanes_f64 one_and_r = 1 + r;
  lanes_f64 rest = (r - (one_and_r - 1)) + (c + r * (c + r * q));
  // In two factors: 2ᵏ itself may be denormal or too large.
  lanes_f64 half = (k * 0.5 + LANES_ROUNDER) - LANES_ROUNDER;
  return ((one_and_r + rest) * lanes_power_of_two(half)) * lanes_power_of_two(k - half);
}

LANES_INLINE lanes_f64 lanes_exp_of_f64(lanes_f64 x) {
  return lanes_exp_sum(lanes_clamp_exponent(x), (lanes_f64)0.0);
}

// To 2⁻³⁴, if the result is in the range of float; outside it still rounds to 0 or ∞.
LANES_INLINE lanes_f64 lanes_exp_short(lanes_f64 x) {
  x = x > 200 ? (lanes_f64)200.0 : x;
  x = x < -200 ? (lanes_f64)-200.0 : x;
  lanes_f64 k = (x * 0x1.71547652b82fep0 + LANES_ROUNDER) - LANES_ROUNDER;
  lanes_f64 r = (x - k * LANES_LN2_HIGH) - k * LANES_LN2_LOW;
  lanes_f64 q = r * 0x1.a113532aeb65bp-16 + 0x1.a151b9b9f9468p-13;
  q = q * r + 0x1.6c168572ec67ep-10;
  q = q * r + 0x1.1110c613ed8f1p-7;
  q = q * r + 0x1.5555555c8b81bp-5;
  q = q * r + 0x1.555555675e3d0p-3;
  q = q * r + 0.5;
  return (1 + (r + r * (r * q))) * lanes_power_of_two(k);
}

// MARK: log

// (log((1 + s) / (1 − s)) / s − 2) / z for z = s², |s| at most 3 − √8: to 2⁻⁵⁴, and to 2⁻⁴⁴.
LANES_INLINE lanes_f64 lanes_atanh_tail(lanes_f64 z) {
  lanes_f64 q = z * 0.13088034850927555 + 0.13268638369266825;
  q = q * z + 0.15386244737621665;
  q = q * z + 0.18181795547521137;
  q = q * z + 0.22222222392581045;
  q = q * z + 0.28571428570799784;
  q = q * z + 0.40000000000000885;
  return q * z + 0.6666666666666666;
}
LANES_INLINE lanes_f64 lanes_atanh_tail_short(lanes_f64 z) {
  lanes_f64 q = z * 0.1662311658428347 + 0.18140107756610346;
  q = q * z + 0.22222864249374918;
  q = q * z + 0.2857142412022083;
  q = q * z + 0.4000000001126354;
  return q * z + 0.6666666666666206;
}

LANES_INLINE lanes_f64 lanes_log_of_f64(lanes_f64 x) {
  lanes_split x2 = lanes_split_any(x);
  // With s = f / (2 + f), log(1 + f) = 2 s + s R = f − (f² / 2 − s (f² / 2 + R)): f is exact, the rest is small.
  lanes_f64 f = x2.m - 1, s = f / (2 + f), z = s * s;
  lanes_f64 half_square = 0.5 * f * f, tail = z * lanes_atanh_tail(z);
  lanes_f64 rest = half_square - (s * (half_square + tail) + x2.k * LANES_LN2_LOW);
  lanes_f64 y = x2.k * LANES_LN2_HIGH - (rest - f);
  return lanes_edges(y, x, (lanes_f64)-__builtin_inf(), (lanes_f64)__builtin_inf());
}

// log x of a normal x > 0, to 2⁻⁴⁴.
LANES_INLINE lanes_f64 lanes_log_short(lanes_f64 x) {
  lanes_split x2 = lanes_split_f64(x);
  lanes_f64 f = x2.m - 1, s = f / (2 + f), z = s * s;
  return x2.k * LANES_LN2_HIGH + (s * (2 + z * lanes_atanh_tail_short(z)) + x2.k * LANES_LN2_LOW);
}

// MARK: pow

// a b = high + low exactly, by Veltkamp's and Dekker's halves.
typedef struct { lanes_f64 high, low; } lanes_pair;
LANES_INLINE lanes_pair lanes_exact_product(lanes_f64 a, lanes_f64 b) {
  lanes_f64 ca = a * 0x1.0000002p27, ah = ca - (ca - a), al = a - ah;
  lanes_f64 cb = b * 0x1.0000002p27, bh = cb - (cb - b), bl = b - bh;
  lanes_f64 high = a * b;
  return (lanes_pair){high, ((ah * bh - high) + ah * bl + al * bh) + al * bl};
}

// The logarithm in two parts, to about 2⁻⁶¹ absolutely and 2⁻⁵⁹ relatively: its product with p is an exponent, whose
// absolute error is the power's relative one.
LANES_INLINE lanes_f64 lanes_pow_of_f64(lanes_f64 x, double exponent) {
  lanes_f64 p = exponent;
  lanes_split x2 = lanes_split_any(x);
  lanes_f64 f = x2.m - 1, d = 2 + f, d_low = x2.m - (d - 1), s = f / d, z = s * s;
  lanes_pair sd = lanes_exact_product(s, d);
  lanes_f64 s_low = ((f - sd.high) - sd.low - s * d_low) / d;
  lanes_f64 a = x2.k * LANES_LN2_HIGH, b = 2 * s;
  lanes_f64 sum = a + b, virtual_b = sum - a, lost = (a - (sum - virtual_b)) + (b - virtual_b);
  lanes_f64 low = lost + (x2.k * LANES_LN2_LOW + (2 * s_low + s * (z * lanes_atanh_tail(z))));
  lanes_f64 log_high = sum + low, log_low = (sum - log_high) + low;
  lanes_pair product = lanes_exact_product(log_high, p);
  lanes_f64 y_low = product.low + p * log_low;
  lanes_f64 y = product.high + y_low;
  lanes_f64 inside = lanes_clamp_exponent(y);
  y_low = lanes_select((lanes_f64)0.0, (product.high - y) + y_low, (lanes_u64)(inside == y));
  return lanes_edges(
    lanes_exp_sum(inside, y_low), x, (lanes_f64)(exponent > 0 ? 0 : exponent == 0 ? 1 : __builtin_inf()),
    (lanes_f64)(exponent > 0 ? __builtin_inf() : exponent == 0 ? 1 : 0));
}

LANES_INLINE lanes_f64 lanes_pow_short(lanes_f64 x, double exponent) {
  return lanes_edges(
    lanes_exp_short(exponent * lanes_log_short(x)), x,
    (lanes_f64)(exponent > 0 ? 0 : exponent == 0 ? 1 : __builtin_inf()),
    (lanes_f64)(exponent > 0 ? __builtin_inf() : exponent == 0 ? 1 : 0));
}

// MARK: cbrt

// A magnitude as 8^q m, and ∛m to 4e-11.
typedef struct { lanes_f64 two_to_q, m, root; } lanes_root;
LANES_INLINE lanes_f64 lanes_root_correction(lanes_f64 m, lanes_f64 y) {
  // ∛m = y (1 + delta)^⅓, its series from the second term.
  lanes_f64 cube = y * y * y, delta = (m - cube) / cube;
  return y * (delta * (1.0 / 3 - delta * (1.0 / 9 - delta * (5.0 / 81))));
}
LANES_INLINE lanes_root lanes_root_of(lanes_split x2) {
  lanes_f64 q = (x2.k * (1.0 / 3) + LANES_ROUNDER) - LANES_ROUNDER;
  lanes_f64 m = x2.m * lanes_power_of_two(x2.k - 3 * q);
  lanes_f64 y = m * (m * (m * (m * -0.01955475 + 0.1533432) - 0.4739111) + 0.8983967) + 0.4435612;
  return (lanes_root){lanes_power_of_two(q), m, y + lanes_root_correction(m, y)};
}
LANES_INLINE lanes_f64 lanes_cbrt_edges(lanes_f64 y, lanes_f64 x, lanes_f64 magnitude) {
  y = lanes_select(y, magnitude, (lanes_u64)(magnitude == 0) | (lanes_u64)(magnitude == __builtin_inf()));
  y = lanes_select(magnitude, y, (lanes_u64)(x == x));
  return (lanes_f64)((lanes_u64)y | ((lanes_u64)x & 0x8000000000000000));
}

LANES_INLINE lanes_f64 lanes_cbrt_of_f64(lanes_f64 x) {
  lanes_f64 magnitude = lanes_abs_f64(x);
  lanes_root r = lanes_root_of(lanes_split_any(magnitude));
  // Cut to 17 bits, so that its cube and the difference from m are exact.
  lanes_f64 y = (lanes_f64)((lanes_u64)r.root & 0xfffffff000000000);
  return lanes_cbrt_edges((y + lanes_root_correction(r.m, y)) * r.two_to_q, x, magnitude);
}
LANES_INLINE lanes_f64 lanes_cbrt_short(lanes_f64 x) {
  lanes_f64 magnitude = lanes_abs_f64(x);
  lanes_root r = lanes_root_of(lanes_split_f64(magnitude));
  return lanes_cbrt_edges(r.root * r.two_to_q, x, magnitude);
}

// MARK: float, by halves: more would not fit into the registers

#define LANES_BY_HALVES(x, expression)                                                                    \
  lanes_f32x8 result_low, result_high;                                                                    \
  { lanes_f64 half = __builtin_convertvector(x.lo, lanes_f64);                                            \
    result_low = __builtin_convertvector(expression, lanes_f32x8); }                                      \
  { lanes_f64 half = __builtin_convertvector(x.hi, lanes_f64);                                            \
    result_high = __builtin_convertvector(expression, lanes_f32x8); }                                     \
  return __builtin_shufflevector(                                                                         \
    result_low, result_high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

LANES_INLINE lanes_f32 lanes_exp_of_f32(lanes_f32 x) { LANES_BY_HALVES(x, lanes_exp_short(half)); }
LANES_INLINE lanes_f32 lanes_log_of_f32(lanes_f32 x) {
  LANES_BY_HALVES(
    x, lanes_edges(lanes_log_short(half), half, (lanes_f64)-__builtin_inf(), (lanes_f64)__builtin_inf()));
}
LANES_INLINE lanes_f32 lanes_pow_of_f32(lanes_f32 x, double p) { LANES_BY_HALVES(x, lanes_pow_short(half, p)); }
LANES_INLINE lanes_f32 lanes_cbrt_of_f32(lanes_f32 x) { LANES_BY_HALVES(x, lanes_cbrt_short(half)); }

// MARK: sigmoid

// Computed from e^−|x|, which never overflows: exact to the last places far to the left, too.
LANES_INLINE lanes_f64 lanes_sigmoid_of_f64(lanes_f64 x) {
  lanes_f64 e = lanes_exp_of_f64(-lanes_abs_f64(x));
  return lanes_select((lanes_f64)1.0, e, (lanes_u64)(x < 0)) / (1 + e);
}
LANES_INLINE lanes_f64 lanes_sigmoid_short(lanes_f64 x) {
  lanes_f64 e = lanes_exp_short(-lanes_abs_f64(x));
  return lanes_select((lanes_f64)1.0, e, (lanes_u64)(x < 0)) / (1 + e);
}
LANES_INLINE lanes_f32 lanes_sigmoid_of_f32(lanes_f32 x) { LANES_BY_HALVES(x, lanes_sigmoid_short(half)); }

#pragma clang diagnostic pop
