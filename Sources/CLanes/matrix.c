#include "include/lane_matrix.h"

// A fused operation would give other bits than a product and a sum.
#pragma STDC FP_CONTRACT OFF

// The sums stay in `rows` × `vectors` registers of `width` elements. Many rows of one register are best: each element
// of A is then used once, as an operand in memory, and no instruction is needed to spread it.
#define LANES_TILE(name, attributes, scalar, width, vectors, rows)                                              \
  attributes static void name(                                                                                  \
    size_t terms, const scalar *a, size_t a_stride, const scalar *b, size_t b_stride, scalar *c,                \
    size_t c_stride, int adds) {                                                                                \
    typedef scalar vector __attribute__((ext_vector_type(width)));                                              \
    typedef scalar anywhere __attribute__((ext_vector_type(width), aligned(sizeof(scalar))));                   \
    vector sums[rows][vectors];                                                                                 \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)                                           \
      _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++) sums[i][j] = 0;                      \
    for (size_t p = 0; p < terms; p++, a += a_stride, b += b_stride) {                                          \
      const anywhere *x = (const anywhere *)b;                                                                  \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)                                         \
        _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++) sums[i][j] += a[i] * x[j];        \
    }                                                                                                           \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < rows; i++)                                           \
      _Pragma("clang loop unroll(full)") for (int j = 0; j < vectors; j++) {                                    \
        anywhere *place = (anywhere *)(c + i * c_stride + j * width);                                            \
        *place = adds ? *place + sums[i][j] : sums[i][j];                                                       \
      }                                                                                                         \
  }

// A high tile, and a low one for the rows that are left.
#define LANES_TILES(name, attributes, scalar, width, vectors, high, low)                                        \
  LANES_TILE(name##_high, attributes, scalar, width, vectors, high)                                             \
  LANES_TILE(name##_low, attributes, scalar, width, vectors, low)                                               \
  attributes static void name(                                                                                  \
    size_t rows, size_t terms, const scalar *a, size_t a_stride, const scalar *b, size_t b_stride, scalar *c,   \
    size_t c_stride, int adds) {                                                                                \
    (rows == high ? name##_high : name##_low)(terms, a, a_stride, b, b_stride, c, c_stride, adds);              \
  }

#if defined(__x86_64__)

LANES_TILES(tile_f64_sse2, , double, 2, 4, 2, 1)
LANES_TILES(tile_f32_sse2, , float, 4, 4, 2, 1)
#define AVX2 __attribute__((target("avx2")))
LANES_TILES(tile_f64_avx2, AVX2, double, 4, 2, 6, 2)
LANES_TILES(tile_f32_avx2, AVX2, float, 8, 2, 6, 2)
// The width is requested: for some processors the compiler prefers half of it.
#define AVX512 __attribute__((target("avx512f,avx512vl"), min_vector_width(512)))
LANES_TILES(tile_f64_avx512, AVX512, double, 8, 1, 24, 8)
LANES_TILES(tile_f32_avx512, AVX512, float, 16, 1, 24, 8)

static int has_avx512(void) { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"); }
static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }

size_t lanes_high_tile(void) { return has_avx512() ? 24 : has_avx2() ? 6 : 2; }
size_t lanes_low_tile(void) { return has_avx512() ? 8 : has_avx2() ? 2 : 1; }

#define LANES_BEST(type) (has_avx512() ? tile_##type##_avx512 : has_avx2() ? tile_##type##_avx2 : tile_##type##_sse2)

#else

// The 32 registers of 128 bits that arm64 has.
LANES_TILES(tile_f64, , double, 2, 4, 6, 2)
LANES_TILES(tile_f32, , float, 4, 4, 6, 2)

size_t lanes_high_tile(void) { return 6; }
size_t lanes_low_tile(void) { return 2; }

#define LANES_BEST(type) tile_##type

#endif

void lanes_tile_f64(
  size_t rows, size_t terms, const double *a, size_t a_stride, const double *b, size_t b_stride, double *c,
  size_t c_stride, int adds) {
  LANES_BEST(f64)(rows, terms, a, a_stride, b, b_stride, c, c_stride, adds);
}
void lanes_tile_f32(
  size_t rows, size_t terms, const float *a, size_t a_stride, const float *b, size_t b_stride, float *c,
  size_t c_stride, int adds) {
  LANES_BEST(f32)(rows, terms, a, a_stride, b, b_stride, c, c_stride, adds);
}

// Squares of four by four, which pass through the registers. Rows that lie far apart are read in part, 64 columns at a
// time, so that what is read and written stays in the nearest cache.
#define LANES_TRANSPOSE(name, scalar)                                                                           \
  void name(size_t rows, size_t columns, const scalar *x, size_t x_stride, scalar *y, size_t y_stride) {        \
    typedef scalar four __attribute__((ext_vector_type(4)));                                                    \
    typedef scalar anywhere __attribute__((ext_vector_type(4), aligned(sizeof(scalar))));                       \
    for (size_t start = 0; start < columns; start += 64) {                                                      \
      size_t end = columns - start < 64 ? columns : start + 64;                                                 \
      size_t i = 0;                                                                                             \
      for (; i + 4 <= rows; i += 4) {                                                                           \
        const scalar *row = x + i * x_stride;                                                                   \
        size_t j = start;                                                                                       \
        for (; j + 4 <= end; j += 4) {                                                                          \
          four a = *(const anywhere *)(row + j), b = *(const anywhere *)(row + x_stride + j);                   \
          four c = *(const anywhere *)(row + 2 * x_stride + j), d = *(const anywhere *)(row + 3 * x_stride + j);\
          four ab = __builtin_shufflevector(a, b, 0, 4, 2, 6), ba = __builtin_shufflevector(a, b, 1, 5, 3, 7);  \
          four cd = __builtin_shufflevector(c, d, 0, 4, 2, 6), dc = __builtin_shufflevector(c, d, 1, 5, 3, 7);  \
          scalar *place = y + j * y_stride + i;                                                                 \
          *(anywhere *)place = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);                                     \
          *(anywhere *)(place + y_stride) = __builtin_shufflevector(ba, dc, 0, 1, 4, 5);                        \
          *(anywhere *)(place + 2 * y_stride) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);                    \
          *(anywhere *)(place + 3 * y_stride) = __builtin_shufflevector(ba, dc, 2, 3, 6, 7);                    \
        }                                                                                                       \
        for (; j < end; j++)                                                                                    \
          for (int r = 0; r < 4; r++) y[j * y_stride + i + r] = row[r * x_stride + j];                          \
      }                                                                                                         \
      for (; i < rows; i++)                                                                                     \
        for (size_t j = start; j < end; j++) y[j * y_stride + i] = x[i * x_stride + j];                         \
    }                                                                                                           \
  }

LANES_TRANSPOSE(lanes_transpose_f64, double)
LANES_TRANSPOSE(lanes_transpose_f32, float)
