// What the engine uses of oneDNN, with one interface for its versions 2.6 and 3.
//
// Every function returns 0 on success, otherwise oneDNN's status code. Matrices and images are row-major, images in
// NHWC order and kernels in HWIO order.
#pragma once

#include <stdbool.h>
#include <stdint.h>

/// The version of the library that is loaded, for example "3.7.1".
const char *onednn_version(void);

/// Sets how many threads the calling thread's operations use. Does nothing where oneDNN runs without OpenMP.
void onednn_set_threads(int count);

/// How many threads the calling thread's operations use.
int onednn_threads(void);

/// C ← op(A) op(B) + beta C, where op transposes if told so. op(A) is m×k, op(B) k×n; lda, ldb and ldc are row lengths.
int onednn_multiply(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                    const float *b, int64_t ldb, float beta, float *c, int64_t ldc);
