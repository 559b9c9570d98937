#include "include/lane_random.h"

#include <string.h>

#include "lane_functions.h"

// All of these are inlined here.
#pragma clang diagnostic ignored "-Wpsabi"

typedef unsigned lanes_u32 __attribute__((ext_vector_type(16)));
typedef int lanes_i32 __attribute__((ext_vector_type(16)));
typedef unsigned long long lanes_u64x16 __attribute__((ext_vector_type(16)));

LANES_INLINE lanes_u32 lanes_low(lanes_u64x16 x) { return __builtin_convertvector(x, lanes_u32); }

// The processor's product of the lower halves; the upper halves are ignored.
LANES_INLINE lanes_u64x16 lanes_wide_product(lanes_u64x16 x, unsigned factor) {
  return (x & 0xffffffff) * (unsigned long long)factor;
}

// a0 b0 a1 b1 … of the lower or upper halves.
#define LANES_ZIP_LOW(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define LANES_ZIP_HIGH(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
// The same with pairs.
#define LANES_ZIP_PAIRS_LOW(a, b) \
  __builtin_shufflevector(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23)
#define LANES_ZIP_PAIRS_HIGH(a, b) \
  __builtin_shufflevector(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31)

// Sixteen blocks, one in each element.
LANES_INLINE void lanes_philox16(uint64_t counter, uint64_t index, uint64_t key, lanes_u32 words[4]) {
  const lanes_u64x16 places = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  // Words in 64 bits, with arbitrary upper halves.
  lanes_u64x16 x = places + counter, y = x >> 32, z = index, w = index >> 32;
  unsigned k0 = (unsigned)key, k1 = (unsigned)(key >> 32);
  for (int round = 0; round < 10; round++) {
    lanes_u64x16 p0 = lanes_wide_product(x, 0xd2511f53), p1 = lanes_wide_product(z, 0xcd9e8d57);
    x = (p1 >> 32) ^ y ^ k0;
    y = p1;
    z = (p0 >> 32) ^ w ^ k1;
    w = p0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  lanes_u32 x32 = lanes_low(x), y32 = lanes_low(y), z32 = lanes_low(z), w32 = lanes_low(w);
  lanes_u32 xy = LANES_ZIP_LOW(x32, y32), zw = LANES_ZIP_LOW(z32, w32);
  words[0] = LANES_ZIP_PAIRS_LOW(xy, zw);
  words[1] = LANES_ZIP_PAIRS_HIGH(xy, zw);
  xy = LANES_ZIP_HIGH(x32, y32), zw = LANES_ZIP_HIGH(z32, w32);
  words[2] = LANES_ZIP_PAIRS_LOW(xy, zw);
  words[3] = LANES_ZIP_PAIRS_HIGH(xy, zw);
}

void lanes_philox(uint64_t counter, uint64_t index, uint64_t key, uint32_t *words, size_t blocks) {
  lanes_u32 lanes[4];
  for (; blocks >= 16; blocks -= 16, counter += 16, words += 64) {
    lanes_philox16(counter, index, key, lanes);
    memcpy(words, lanes, sizeof lanes);
  }
  if (blocks == 0) return;
  lanes_philox16(counter, index, key, lanes);
  memcpy(words, lanes, blocks * 16);
}

// √(−2 log u) for u = (word + 1)/2³², at most 6.7.
LANES_INLINE lanes_f32 lanes_radius(lanes_u32 word) {
  lanes_f64x16 u = (__builtin_convertvector(word, lanes_f64x16) + 1.0) * 0x1p-32;
  lanes_f64 low = -2.0 * lanes_log_short(u.lo), high = -2.0 * lanes_log_short(u.hi);
  lanes_f32x8 a = __builtin_convertvector(low, lanes_f32x8), b = __builtin_convertvector(high, lanes_f32x8);
  lanes_f32 square = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return lanes_sqrt_f32(lanes_abs_f32(square));
}

// The point on the unit circle at word/2³² of a turn.
typedef struct { lanes_f32 cosine, sine; } lanes_direction;
LANES_INLINE lanes_direction lanes_direction_of(lanes_u32 word) {
  lanes_u32 quarter = (word + 0x20000000) >> 30;
  lanes_i32 rest = (lanes_i32)(word - (quarter << 30));
  // 2π/2³²; |x| ≤ π/4, for which these are Taylor's polynomials, to 4e-8 at the ends.
  lanes_f32 x = __builtin_convertvector(rest, lanes_f32) * 0x1.921fb6p-30f, z = x * x;
  lanes_f32 s = z * 2.75573192e-6f - 1.98412698e-4f;
  s = s * z + 8.33333333e-3f;
  s = s * z - 1.66666667e-1f;
  s = x + x * (z * s);
  lanes_f32 c = z * 2.48015873e-5f - 1.38888889e-3f;
  c = c * z + 4.16666667e-2f;
  c = c * z - 0.5f;
  c = 1 + z * c;
  lanes_i32 is_odd = (quarter & 1) != 0, sine_is_negative = (quarter & 2) != 0;
  lanes_i32 cosine_is_negative = ((quarter + 1) & 2) != 0;
  lanes_f32 cosine = is_odd ? s : c, sine = is_odd ? c : s;
  return (lanes_direction){cosine_is_negative ? -cosine : cosine, sine_is_negative ? -sine : sine};
}

void lanes_normals(void *words, size_t groups) {
  for (char *group = words; groups > 0; groups--, group += 128) {
    lanes_u32 word[2];
    memcpy(word, group, sizeof word);
    lanes_f32 radius = lanes_radius(word[0]);
    lanes_direction direction = lanes_direction_of(word[1]);
    lanes_f32 normal[2] = {radius * direction.cosine, radius * direction.sine};
    memcpy(group, normal, sizeof normal);
  }
}
