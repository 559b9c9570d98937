// Exponentials, logarithms, powers, roots and sigmoids of a lane: called, not inlined. Their hundred instructions
// would be compiled again for every rule, and would use the registers that hold the rule's own numbers. Lanes are
// passed by address, because how a call passes a large vector depends on the processor's extensions. Any address is
// allowed: Swift aligns nothing by more than 16 bytes, and code for AVX must not read there with instructions that
// need 32 or 64.
#pragma once

void lanes_exp_f32(const void *x, void *y);
void lanes_exp_f64(const void *x, void *y);
void lanes_log_f32(const void *x, void *y);
void lanes_log_f64(const void *x, void *y);
void lanes_pow_f32(const void *x, double p, void *y);
void lanes_pow_f64(const void *x, double p, void *y);
void lanes_cbrt_f32(const void *x, void *y);
void lanes_cbrt_f64(const void *x, void *y);
void lanes_sigmoid_f32(const void *x, void *y);
void lanes_sigmoid_f64(const void *x, void *y);
