// The numbers of four lanes, a block of 64, stored in 8 or 16 bits each. These are the top bits of the numbers
// themselves, rounded up or down by random bits, so that the mean is exact. Integer operations alone: every width
// gives the same bits.
//
// A signed code is the sign and the seven bits of a float from the 2⁻³ of its significand up, less the block's offset;
// a nonnegative one has eight such bits. If the offset leaves nothing, a signed code is 0, a nonnegative one 1.
// Offsets here are 16 times the stored number, because words, the upper halves of floats, have four more bits.
#pragma once

#include "lanes.h"

// These functions pass vectors to each other, but all are inlined: no register convention matters.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wpsabi"

typedef unsigned lanes_u32 __attribute__((ext_vector_type(16)));
typedef unsigned short lanes_u16 __attribute__((ext_vector_type(32)));
typedef short lanes_i16 __attribute__((ext_vector_type(32)));
// Swift aligns nothing by more than 16 bytes.
typedef lanes_u32 lanes_stored_u32 __attribute__((aligned(16)));
typedef lanes_f32 lanes_stored_f32 __attribute__((aligned(16)));

// Sixteen bits take half the instructions of 32. Words of lanes 0 and 2, and of 1 and 3, lie in pairs. This puts the
// bytes in order: byte k of code word j belongs to element j of lane k. Arguments are `void *` for Swift's sake, which
// imports no pointers to vectors.
LANES_INLINE lanes_u16 lanes_upper_halves(lanes_u32 low, lanes_u32 high) {
  return __builtin_bit_cast(lanes_u16, (low >> 16) | (high & 0xffff0000u));
}
LANES_INLINE lanes_u16 lanes_rounded_halves(lanes_f32 low, lanes_f32 high, lanes_u32 r_low, lanes_u32 r_high) {
  return lanes_upper_halves(
    __builtin_bit_cast(lanes_u32, low) + r_low, __builtin_bit_cast(lanes_u32, high) + r_high);
}
LANES_INLINE void lanes_spread_halves(lanes_u16 halves, lanes_stored_f32 *low, lanes_stored_f32 *high) {
  lanes_u32 pairs = __builtin_bit_cast(lanes_u32, halves);
  *low = __builtin_bit_cast(lanes_f32, pairs << 16);
  *high = __builtin_bit_cast(lanes_f32, pairs & 0xffff0000u);
}

// Random bits: a word for each element of a lane, mixed with one for the block, times a different odd number for each
// lane and pair of slots.
LANES_INLINE lanes_u32 lanes_random_seeds(lanes_u32 key, unsigned block) {
  lanes_u32 x = key ^ block;
  x *= 0x2c1b3c6du;
  return x ^ (x >> 15);
}
LANES_INLINE unsigned lanes_random_factor(unsigned i) {
  unsigned x = (i + 1) * 0x9e3779b1u;
  x = (x ^ (x >> 15)) * 0x85ebca6bu;
  x = (x ^ (x >> 13)) * 0xc2b2ae35u;
  return (x ^ (x >> 16)) | 1;
}
LANES_INLINE void lanes_random_bits(lanes_u32 seeds, unsigned slot, unsigned bits, void *r_) {
  lanes_stored_u32 *r = r_;
  for (unsigned k = 0; k < 4; k++) {
    lanes_u32 x = seeds * lanes_random_factor(4 * (slot / 2) + k);
    r[k] = slot % 2 == 0 ? x >> (32 - bits) : x & ((1u << bits) - 1);
  }
}

LANES_INLINE lanes_u16 lanes_signed_halves(lanes_u16 codes, unsigned short offset) {
  lanes_u16 x = (lanes_u16)((lanes_i16)codes >> 4) & (unsigned short)0x87f0;
  return (x & (unsigned short)0x07f0) != 0 ? x + offset : 0;
}
LANES_INLINE void lanes_decode_signed(const void *codes_, int offset, void *x_, long stride) {
  const lanes_stored_u32 *codes = codes_;
  lanes_stored_f32 *x = x_;
  lanes_u16 c = __builtin_bit_cast(lanes_u16, *codes);
  lanes_spread_halves(lanes_signed_halves(c << 8, (unsigned short)offset), &x[0], &x[2 * stride]);
  lanes_spread_halves(
    lanes_signed_halves(c & (unsigned short)0xff00, (unsigned short)offset), &x[stride], &x[3 * stride]);
}

// Returns the offset, or −1 if a number is not finite after rounding; nothing is written then.
LANES_INLINE int lanes_encode_signed(void *codes_, const void *x_, long stride, const void *r_) {
  lanes_stored_u32 *codes = codes_;
  const lanes_stored_f32 *x = x_;
  const lanes_stored_u32 *r = r_;
  lanes_u16 even = lanes_rounded_halves(x[0], x[2 * stride], r[0], r[2]);
  lanes_u16 odd = lanes_rounded_halves(x[stride], x[3 * stride], r[1], r[3]);
  lanes_u16 a = even & (unsigned short)0x7fff, b = odd & (unsigned short)0x7fff;
  int largest = __builtin_reduce_max(__builtin_elementwise_max((lanes_i16)a, (lanes_i16)b));
  if (largest >= 0x7f80) return -1;
  int offset = (largest >> 4) - 127;
  offset = offset > 0 ? offset << 4 : 0;
  lanes_u16 o = (unsigned short)offset;
  a = __builtin_elementwise_sub_sat(a, o) << 4;
  b = __builtin_elementwise_sub_sat(b, o) << 4;
  a = (a & (unsigned short)0x7f00) | (even & (unsigned short)0x8000);
  b = (b & (unsigned short)0x7f00) | (odd & (unsigned short)0x8000);
  *codes = __builtin_bit_cast(lanes_u32, (a >> 8) | b);
  return offset;
}

LANES_INLINE lanes_u16 lanes_nonnegative_halves(lanes_u16 codes, unsigned short offset) {
  codes &= (unsigned short)0x0ff0;
  return codes != 0 ? codes + offset : 0;
}
LANES_INLINE void lanes_decode_nonnegative(const void *codes_, int offset, void *x_, long stride) {
  const lanes_stored_u32 *codes = codes_;
  lanes_stored_f32 *x = x_;
  lanes_u16 c = __builtin_bit_cast(lanes_u16, *codes);
  lanes_spread_halves(lanes_nonnegative_halves(c << 4, (unsigned short)offset), &x[0], &x[2 * stride]);
  lanes_spread_halves(lanes_nonnegative_halves(c >> 4, (unsigned short)offset), &x[stride], &x[3 * stride]);
}

// A number that is not 0 keeps a word of at least 16, even if the offset leaves nothing; random bits alone have less.
LANES_INLINE lanes_u16 lanes_nonnegative_codes(lanes_u16 halves, unsigned short offset) {
  lanes_i16 x = (lanes_i16)__builtin_elementwise_sub_sat(halves, (lanes_u16)offset);
  return (lanes_u16)(halves > 15 ? __builtin_elementwise_max(x, (lanes_i16)16) : 0);
}
// As above; −1 also if a number is negative.
LANES_INLINE int lanes_encode_nonnegative(void *codes_, const void *x_, long stride, const void *r_) {
  lanes_stored_u32 *codes = codes_;
  const lanes_stored_f32 *x = x_;
  const lanes_stored_u32 *r = r_;
  lanes_u16 even = lanes_rounded_halves(x[0], x[2 * stride], r[0], r[2]);
  lanes_u16 odd = lanes_rounded_halves(x[stride], x[3 * stride], r[1], r[3]);
  int largest = __builtin_reduce_max(__builtin_elementwise_max(even, odd));
  if (largest >= 0x7f80) return -1;
  int offset = (largest >> 4) - 255;
  offset = offset > 0 ? offset << 4 : 0;
  lanes_u16 a = lanes_nonnegative_codes(even, (unsigned short)offset) >> 4;
  lanes_u16 b = lanes_nonnegative_codes(odd, (unsigned short)offset) << 4;
  *codes = __builtin_bit_cast(lanes_u32, (a & (unsigned short)0x00ff) | (b & (unsigned short)0xff00));
  return offset;
}

// bfloat16: word j has elements j of lanes 0 and 1, word 16 + j those of lanes 2 and 3.
LANES_INLINE void lanes_decode_bfloat16(const void *codes_, void *x_, long stride) {
  const lanes_stored_u32 *codes = codes_;
  lanes_stored_f32 *x = x_;
  for (int k = 0; k < 2; k++)
    lanes_spread_halves(
      __builtin_bit_cast(lanes_u16, codes[k]), &x[2 * k * stride], &x[(2 * k + 1) * stride]);
}
// Added to a NaN, random bits might carry into its sign and leave a zero; added to a number beyond the largest
// bfloat16, they would make it infinite.
LANES_INLINE lanes_u32 lanes_finite_bits(lanes_f32 x, lanes_u32 r) {
  lanes_u32 bits = __builtin_bit_cast(lanes_u32, x);
  return (bits & 0x7fffffffu) < 0x7f7f0000u ? r : 0;
}
LANES_INLINE void lanes_encode_bfloat16(void *codes_, const void *x_, long stride, const void *r_) {
  lanes_stored_u32 *codes = codes_;
  const lanes_stored_f32 *x = x_;
  const lanes_stored_u32 *r = r_;
  for (int k = 0; k < 2; k++) {
    lanes_f32 low = x[2 * k * stride], high = x[(2 * k + 1) * stride];
    codes[k] = __builtin_bit_cast(
      lanes_u32,
      lanes_rounded_halves(low, high, lanes_finite_bits(low, r[2 * k]), lanes_finite_bits(high, r[2 * k + 1])));
  }
}

#pragma clang diagnostic pop
