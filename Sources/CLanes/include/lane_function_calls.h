// Exponentials, logarithms, powers, roots and sigmoids of a lane: called, not inlined. Their hundred instructions would be
// compiled again for every rule, and use the registers that the rule's own numbers are in. Lanes go by
// address: how a call hands over a large vector depends on the processor's extensions. The address may be any: Swift
// aligns nothing by more than 16 bytes, and code for AVX must not read there with instructions that need 32 or 64.
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
