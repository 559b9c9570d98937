// Tiles of a matrix product. Only this part needs the registers of the processor at hand to be fast; the version is
// chosen at run time. Every version adds the same products in the same order: all give the same bits.
#pragma once

#include <stddef.h>

/// Rows of a tile on this processor: 24, 6 or 2. They divide 96.
size_t lanes_high_tile(void);
/// Rows of a tile for the rest of a matrix: 8, 2 or 1. They divide the rows of a high tile.
size_t lanes_low_tile(void);

/// C ← A B or, if `adds`, C ← C + A B for a tile of C.
///
/// A tile has a lane of columns, 8 of double, 16 of float, and as many rows as a high or a low tile. Strides are
/// between columns of A, between rows of B, and between rows of C; the elements of a column of A, or of a row of B or
/// C, are contiguous. Each element is the sum of its `terms` products in rising order, from zero.
void lanes_tile_f64(
  size_t rows, size_t terms, const double *a, size_t a_stride, const double *b, size_t b_stride, double *c,
  size_t c_stride, int adds);
void lanes_tile_f32(
  size_t rows, size_t terms, const float *a, size_t a_stride, const float *b, size_t b_stride, float *c,
  size_t c_stride, int adds);

/// Y ← Xᵀ for X of `rows` × `columns`: strides are between rows of X and between rows of Y, whose elements are
/// contiguous. X and Y do not overlap.
void lanes_transpose_f64(size_t rows, size_t columns, const double *x, size_t x_stride, double *y, size_t y_stride);
void lanes_transpose_f32(size_t rows, size_t columns, const float *x, size_t x_stride, float *y, size_t y_stride);
