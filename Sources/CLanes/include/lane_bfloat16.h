// bfloat16: the upper half of a float.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// y ← x rounded to the nearest bfloat16, ties to even; NaN stays NaN. `count` is a multiple of 16.
void lanes_round_bfloat16(const float *x, uint16_t *y, size_t count);
