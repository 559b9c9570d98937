#include "include/lane_blocks.h"

#include <float.h>

#include "include/lane_function_calls.h"
#include "include/lanes.h"

// A fused operation would give other bits than a product and a sum.
#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"

// Swift aligns nothing by more than 16 bytes.
typedef lanes_f32 stored_f32 __attribute__((aligned(16)));
typedef lanes_f64 stored_f64 __attribute__((aligned(16)));

// The functions of lanes.h once more: a function that is compiled for wider registers cannot take over one that is not.
#define ABS(a) __builtin_elementwise_abs(a)
#define SQRT(a) __builtin_elementwise_sqrt(a)
#define SIGN(a) (((a) > 0 ? 1 : (a) < 0 ? (lane) - 1 : 0) + ((a) - (a)))
#define QUOTIENT(a, b) ({ lane x_ = (a), y_ = (b); y_ != 0 ? x_ / y_ : 0; })
#define MAX(a, b) ((((a) > (b)) | ((a) != (a))) ? (a) : (b))
#define MIN(a, b) ((((a) < (b)) | ((a) != (a))) ? (a) : (b))
#define AT_MOST(a, most) ({ lane x_ = (a), b_ = (most); b_ < x_ ? b_ : x_; })
#define AT_LEAST(a, least) ({ lane w_ = (a), l_ = (least); l_ > w_ ? l_ : w_; })
#define SELECT(a, b, c) ((c) > 0 ? (a) : (b))

// Lane a of x, b of y, c of z. A uniform operand is read once, and stays in registers.
#define EACH for (size_t i = 0; i < count; i++)
#define A_ x[i * xs]
#define B_ y[i * ys]
#define C_ z[i * zs]
#define R_ r[i * rs]
#define MAP1(lane, e) EACH { lane a = A_; R_ = (e); } break
#define MAP2(lane, e)                                                                              \
  if (xs == 0) { lane a = x[0]; EACH { lane b = B_; R_ = (e); } }                                  \
  else if (ys == 0) { lane b = y[0]; EACH { lane a = A_; R_ = (e); } }                             \
  else EACH { lane a = A_, b = B_; R_ = (e); }                                                     \
  break
#define MAP3(lane, e)                                                                              \
  if (xs == 0) { lane a = x[0]; EACH { lane b = B_, c = C_; R_ = (e); } }                          \
  else if (ys == 0 && zs == 0) { lane b = y[0], c = z[0]; EACH { lane a = A_; R_ = (e); } }        \
  else if (ys == 0) { lane b = y[0]; EACH { lane a = A_, c = C_; R_ = (e); } }                     \
  else EACH { lane a = A_, b = B_, c = C_; R_ = (e); }                                             \
  break
// y is the weight of a decay.
#define DECAY(lane, e) { scalar b = *(const scalar *)y; EACH { lane a = A_, c = C_; R_ = (e); } } break
#define BOUNDED(lane, e) { scalar b = *(const scalar *)y, c = *(const scalar *)z; EACH { lane a = A_; R_ = (e); } } break
#define CALL(function, ...) EACH { function(__VA_ARGS__); } break

#define LANES_LOOP(name, attributes, type, scalar_, most)                                           \
  attributes static void name(                                                                     \
    int operation, struct lanes_row r_, struct lanes_row x_, struct lanes_row y_, struct lanes_row z_, double p, \
    size_t count) {                                                                                \
    typedef scalar_ scalar;                                                                        \
    typedef lanes_##type lane;                                                                     \
    stored_##type *r = r_.lanes;                                                                   \
    const stored_##type *x = x_.lanes, *y = y_.lanes, *z = z_.lanes;                               \
    ptrdiff_t rs = r_.stride, xs = x_.stride, ys = y_.stride, zs = z_.stride;                      \
    switch ((enum lanes_operation)operation) {                                                     \
    case LANES_COPY: MAP1(lane, a);                                                                \
    case LANES_NEGATE: MAP1(lane, -a);                                                             \
    case LANES_MAGNITUDE: MAP1(lane, ABS(a));                                         \
    case LANES_SQUARE_ROOT: MAP1(lane, SQRT(a));                                      \
    case LANES_SIGN: MAP1(lane, SIGN(a));                                             \
    case LANES_EXPONENTIAL: CALL(lanes_exp_##type, &A_, &R_);                                      \
    case LANES_LOGARITHM: CALL(lanes_log_##type, &A_, &R_);                                        \
    case LANES_CUBE_ROOT: CALL(lanes_cbrt_##type, &A_, &R_);                                       \
    case LANES_SIGMOID: CALL(lanes_sigmoid_##type, &A_, &R_);                                      \
    case LANES_POWER: CALL(lanes_pow_##type, &A_, p, &R_);                                         \
    case LANES_ADD: MAP2(lane, a + b);                                                             \
    case LANES_SUBTRACT: MAP2(lane, a - b);                                                        \
    case LANES_MULTIPLY: MAP2(lane, a * b);                                                        \
    case LANES_DIVIDE: MAP2(lane, a / b);                                                          \
    case LANES_QUOTIENT_OR_ZERO: MAP2(lane, QUOTIENT(a, b));                          \
    case LANES_MAXIMUM: MAP2(lane, MAX(a, b));                                        \
    case LANES_MINIMUM: MAP2(lane, MIN(a, b));                                        \
    case LANES_AT_MOST: BOUNDED(lane, AT_MOST(a, b));                                 \
    case LANES_AT_LEAST: BOUNDED(lane, AT_LEAST(a, b));                               \
    case LANES_SELECT: MAP3(lane, SELECT(a, b, c));                                   \
    case LANES_FUSED_MULTIPLY_ADD: MAP3(lane, __builtin_elementwise_fma(a, b, c));                 \
    case LANES_TIMES_PLUS: MAP3(lane, a * b + c);                                                  \
    case LANES_PLUS_TIMES: MAP3(lane, a + b * c);                                                  \
    case LANES_MINUS_TIMES: MAP3(lane, a - b * c);                                                 \
    case LANES_CLAMP: BOUNDED(lane, AT_MOST(AT_LEAST(a, b), c));         \
    case LANES_INFINITY_AS_NAN: MAP1(lane, a - (a - a));                                           \
    case LANES_CLAMP_FINITE:                                                                       \
      BOUNDED(lane, AT_MOST(AT_LEAST(a - (a - a), b), c));               \
    case LANES_DECAY: DECAY(lane, (a - b * a) + b * c);                                            \
    case LANES_DECAY_SQUARE: DECAY(lane, (a - b * a) + (b * c) * c);                               \
    case LANES_FINITE_DECAY:                                                                       \
      DECAY(lane, AT_MOST(AT_LEAST((a - b * a) + b * c, -most), most));  \
    case LANES_FINITE_DECAY_SQUARE:                                                                \
      DECAY(lane, AT_MOST((a - b * a) + (b * c) * c, most));                          \
    case LANES_FINITE_DIFFERENCE:                                                                  \
      MAP2(lane, AT_MOST(AT_LEAST(a - b, -most), most));                 \
    case LANES_ROOT_PLUS: MAP2(lane, SQRT(a) + b);                                    \
    case LANES_ROOT_OF_SUM_PLUS: MAP3(lane, SQRT(a + b) + c);                         \
    case LANES_TIMES_QUOTIENT: MAP3(lane, QUOTIENT(a * b, c));                        \
    }                                                                                              \
  }

#define LANES_LOOPS(version, attributes)                    \
  LANES_LOOP(loop_f32_##version, attributes, f32, float, FLT_MAX) \
  LANES_LOOP(loop_f64_##version, attributes, f64, double, DBL_MAX)

#define LANES_CHOOSE(type)                                                                                        \
  void lanes_loop_##type(                                                                                         \
    int operation, struct lanes_row result, struct lanes_row x, struct lanes_row y, struct lanes_row z,           \
    double exponent, size_t count) {                                                                              \
    LANES_BEST(type)(operation, result, x, y, z, exponent, count);                                                \
  }

LANES_LOOPS(plain, )

#if defined(__x86_64__)

// Wider registers round as narrow ones do: every version gives the same bits.
LANES_LOOPS(avx2, __attribute__((target("avx2"))))
LANES_LOOPS(avx512, __attribute__((target("avx512f,avx512vl"), min_vector_width(512))))
static int has_avx512(void) { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"); }
static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#define LANES_BEST(type) (has_avx512() ? loop_##type##_avx512 : has_avx2() ? loop_##type##_avx2 : loop_##type##_plain)

#else

#define LANES_BEST(type) loop_##type##_plain

#endif

LANES_CHOOSE(f32)
LANES_CHOOSE(f64)
