#include "include/lane_bfloat16.h"

#include <string.h>

#include "include/lanes.h"

typedef unsigned lanes_u32 __attribute__((ext_vector_type(16)));
typedef unsigned short lanes_u16x16 __attribute__((ext_vector_type(16)));

void lanes_round_bfloat16(const float *x, uint16_t *y, size_t count) {
  for (size_t i = 0; i < count; i += 16) {
    lanes_u32 bits;
    memcpy(&bits, x + i, sizeof bits);
    lanes_u32 nearest = bits + 0x7fff + ((bits >> 16) & 1);
    // Rounding could turn a NaN into infinity.
    lanes_u32 rounded = (bits & 0x7fffffff) > 0x7f800000 ? bits | 0x00400000 : nearest;
    lanes_u16x16 upper = __builtin_convertvector(rounded >> 16, lanes_u16x16);
    memcpy(y + i, &upper, sizeof upper);
  }
}
