// What the engine uses of oneDNN, with one interface for its versions 2.6 and 3.
//
// Functions that return int return 0 on success, otherwise oneDNN's status code. Matrices and images are row-major:
// images in NHWC order, kernels of convolutions in HWIO order.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The version of the library that is loaded, for example "3.7.1".
const char *onednn_version(void);

/// Keeps OpenMP's idle threads from spinning for long: they would take a processor that other work needs, and each
/// operation would then wait for the system's scheduler. Settings of the user stay as they are.
///
/// Call it first in main. On Linux, OpenMP has read its settings before main runs, so the program is started anew, in the
/// same process and with the same arguments.
void onednn_let_idle_threads_sleep(char *const *arguments);

/// Sets how many threads the calling thread's operations use. Does nothing where oneDNN runs without OpenMP.
void onednn_set_threads(int count);

/// How many threads the calling thread's operations use.
int onednn_threads(void);

/// Calls body(context, part) for each part in 0..<parts on the calling thread's team, the one that its operations run on.
void onednn_parallel(int parts, void (*body)(void *context, int part), void *context);

/// What an operation that has been compiled for given shapes computes, and the arguments it takes in this order.
typedef enum {
  /// (x, kernel, bias, y): y ← x ∗ kernel + bias
  onednn_convolution,
  /// (x, kernel, bias, y): y ← max(x ∗ kernel + bias, 0)
  onednn_convolution_relu,
  /// (x, dy, dkernel, dbias): overwrites dkernel and dbias
  onednn_convolution_weight_gradient,
  /// (dy, kernel, dx): overwrites dx
  onednn_convolution_input_gradient,
  /// (x, y): maximum over each window
  onednn_max_pooling,
  /// (x, y, places): the same, noting where the maxima were
  onednn_max_pooling_noting_places,
  /// (dy, dx, places)
  onednn_max_pooling_gradient,
  /// (x, y): mean over each window, padding counted as zeros
  onednn_average_pooling,
  /// (dy, dx)
  onednn_average_pooling_gradient,
  /// (x, y): mean over the part of each window that lies on the image
  onednn_average_pooling_inside,
  /// (dy, dx)
  onednn_average_pooling_inside_gradient,
  /// (y, dy): dy ← dy where y > 0, else 0, over batch·height·width·channels elements; windows have no meaning
  onednn_relu_gradient,
} onednn_kind;

/// Windows that slide over images.
typedef struct {
  int64_t batch, height, width, channels;             // input
  int64_t out_height, out_width, out_channels;        // output; poolings keep the channels
  int64_t window_height, window_width;                // extents of a window
  int64_t stride_y, stride_x;                         // steps between windows
  int64_t pad_top, pad_left, pad_bottom, pad_right;   // margins around the input
} onednn_shape;

/// C ← op(A) op(B), where op transposes if told so: op(A) is m×k, op(B) k×n, all row-major without gaps.
typedef struct {
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  bool adds_bias;   // C ← … + bias in each row
  bool is_relu;     // C ← max(…, 0)
  bool accumulates; // C ← C + …
} onednn_product;

typedef struct onednn_operation onednn_operation;

/// Compiles an operation for the calling thread's number of threads.
int onednn_create(onednn_operation **operation, onednn_kind kind, const onednn_shape *shape);

/// Compiles a product of matrices, with the arguments (a, b, c) or (a, b, bias, c).
int onednn_create_product(onednn_operation **operation, const onednn_product *product);

/// Runs it on its arguments; `scratch` has at least `onednn_scratch_bytes`.
int onednn_run(onednn_operation *operation, void *const *arguments, void *scratch);

/// Working memory of a run, in bytes.
size_t onednn_scratch_bytes(const onednn_operation *operation);

/// Memory of the argument that notes the maxima's places, in bytes.
size_t onednn_places_bytes(const onednn_operation *operation);

void onednn_destroy(onednn_operation *operation);
