#include "onednn.h"

#include <stdlib.h>

#include "versions.h"

/// A primitive with its memory objects. The caller's arguments come first, in the order of the header; memory that the
/// primitive wants in a layout of its own follows, with the reorder that converts it.
struct onednn_operation {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive, reorder;
  dnnl_memory_t argument[4], own, scratch;
  dnnl_exec_arg_t bound[6];
  int argument_count, bound_count;
  int reordered;           // which argument is converted, or -1
  bool reorders_result;    // after the primitive instead of before it
  size_t scratch_bytes, places_bytes;
};

#define TRY(call)            \
  do {                       \
    dnnl_status_t s_ = call; \
    if (s_) return s_;       \
  } while (0)

static void bind(onednn_operation *op, int name, dnnl_memory_t memory) {
  op->bound[op->bound_count++] = (dnnl_exec_arg_t){name, memory};
}

/// Adds the next argument, in the layout `m`.
static dnnl_status_t add(onednn_operation *op, int name, md m) {
  TRY(dnnl_memory_create(&op->argument[op->argument_count], m, op->engine, DNNL_MEMORY_NONE));
  if (name) bind(op, name, op->argument[op->argument_count]);
  op->argument_count++;
  return dnnl_success;
}

/// Adds a kernel, which the caller holds in the layout `plain` and the primitive wants in `wanted`.
static dnnl_status_t add_kernel(onednn_operation *op, int name, md plain, md wanted, bool is_result) {
  if (dnnl_memory_desc_equal(plain, wanted)) return add(op, name, plain);
  op->reordered = op->argument_count;
  op->reorders_result = is_result;
  TRY(add(op, 0, plain));
  TRY(dnnl_memory_create(&op->own, wanted, op->engine, DNNL_MEMORY_ALLOCATE));
  bind(op, name, op->own);
  pd_t pd;
  TRY(dnnl_reorder_primitive_desc_create(&pd, is_result ? wanted : plain, op->engine, is_result ? plain : wanted,
                                         op->engine, NULL));
  dnnl_status_t s = dnnl_primitive_create(&op->reorder, pd);
  dnnl_primitive_desc_destroy(pd);
  return s;
}

/// Makes the primitive, its arguments being known.
static dnnl_status_t finish(onednn_operation *op, pd_t pd) {
  md scratch = dnnl_primitive_desc_query_md(pd, dnnl_query_scratchpad_md, 0);
  op->scratch_bytes = md_bytes(scratch);
  if (op->scratch_bytes) {
    TRY(dnnl_memory_create(&op->scratch, scratch, op->engine, DNNL_MEMORY_NONE));
    bind(op, DNNL_ARG_SCRATCHPAD, op->scratch);
  }
  return dnnl_primitive_create(&op->primitive, pd);
}

/// Turns `pd` into the operation's primitive; `w` names the layouts the caller uses.
static dnnl_status_t assemble(onednn_operation *op, onednn_kind kind, pd_t pd, const windowed *w,
                              const dnnl_memory_desc_t *plain_kernel) {
  switch (kind) {
    case onednn_convolution:
    case onednn_convolution_relu:
      TRY(add(op, DNNL_ARG_SRC, ref(&w->x)));
      TRY(add_kernel(op, DNNL_ARG_WEIGHTS, ref(plain_kernel),
                     dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0), false));
      TRY(add(op, DNNL_ARG_BIAS, ref(&w->bias)));
      TRY(add(op, DNNL_ARG_DST, ref(&w->y)));
      break;
    case onednn_convolution_weight_gradient:
      TRY(add(op, DNNL_ARG_SRC, ref(&w->x)));
      TRY(add(op, DNNL_ARG_DIFF_DST, ref(&w->y)));
      TRY(add_kernel(op, DNNL_ARG_DIFF_WEIGHTS, ref(plain_kernel),
                     dnnl_primitive_desc_query_md(pd, dnnl_query_diff_weights_md, 0), true));
      TRY(add(op, DNNL_ARG_DIFF_BIAS, ref(&w->bias)));
      break;
    case onednn_convolution_input_gradient:
      TRY(add(op, DNNL_ARG_DIFF_DST, ref(&w->y)));
      TRY(add_kernel(op, DNNL_ARG_WEIGHTS, ref(plain_kernel),
                     dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0), false));
      TRY(add(op, DNNL_ARG_DIFF_SRC, ref(&w->x)));
      break;
    case onednn_max_pooling:
    case onednn_max_pooling_noting_places:
    case onednn_average_pooling:
    case onednn_average_pooling_inside:
      TRY(add(op, DNNL_ARG_SRC, ref(&w->x)));
      TRY(add(op, DNNL_ARG_DST, ref(&w->y)));
      break;
    case onednn_max_pooling_gradient:
    case onednn_average_pooling_gradient:
    case onednn_average_pooling_inside_gradient:
      TRY(add(op, DNNL_ARG_DIFF_DST, ref(&w->y)));
      TRY(add(op, DNNL_ARG_DIFF_SRC, ref(&w->x)));
      break;
    case onednn_relu_gradient:
      TRY(add(op, DNNL_ARG_DST, ref(&w->x)));
      TRY(add(op, DNNL_ARG_DIFF_DST, ref(&w->x)));
      bind(op, DNNL_ARG_DIFF_SRC, op->argument[1]);
      break;
  }
  if (kind == onednn_max_pooling_noting_places || kind == onednn_max_pooling_gradient) {
    md places = dnnl_primitive_desc_query_md(pd, dnnl_query_workspace_md, 0);
    op->places_bytes = md_bytes(places);
    TRY(add(op, DNNL_ARG_WORKSPACE, places));
  }
  return finish(op, pd);
}

/// Finds oneDNN's implementation of `kind`; gradients need the forward operation's as a hint.
static dnnl_status_t describe(pd_t *pd, pd_t *hint, dnnl_engine_t engine, onednn_kind kind, const windowed *w,
                              dnnl_primitive_attr_t attr) {
  const dnnl_prop_kind_t training = dnnl_forward_training;
  switch (kind) {
    case onednn_convolution:
    case onednn_convolution_relu:
      return convolution_pd(pd, engine, w, attr);
    case onednn_convolution_weight_gradient:
      TRY(convolution_pd(hint, engine, w, NULL));
      return weight_gradient_pd(pd, engine, w, *hint, attr);
    case onednn_convolution_input_gradient:
      TRY(convolution_pd(hint, engine, w, NULL));
      return input_gradient_pd(pd, engine, w, *hint, attr);
    case onednn_max_pooling:
      return pooling_pd(pd, engine, w, dnnl_forward_inference, dnnl_pooling_max, attr);
    case onednn_max_pooling_noting_places:
      return pooling_pd(pd, engine, w, training, dnnl_pooling_max, attr);
    case onednn_max_pooling_gradient:
      TRY(pooling_pd(hint, engine, w, training, dnnl_pooling_max, NULL));
      return pooling_gradient_pd(pd, engine, w, dnnl_pooling_max, *hint, attr);
    case onednn_average_pooling:
      return pooling_pd(pd, engine, w, training, dnnl_pooling_avg_include_padding, attr);
    case onednn_average_pooling_gradient:
      TRY(pooling_pd(hint, engine, w, training, dnnl_pooling_avg_include_padding, NULL));
      return pooling_gradient_pd(pd, engine, w, dnnl_pooling_avg_include_padding, *hint, attr);
    case onednn_average_pooling_inside:
      return pooling_pd(pd, engine, w, training, dnnl_pooling_avg_exclude_padding, attr);
    case onednn_average_pooling_inside_gradient:
      TRY(pooling_pd(hint, engine, w, training, dnnl_pooling_avg_exclude_padding, NULL));
      return pooling_gradient_pd(pd, engine, w, dnnl_pooling_avg_exclude_padding, *hint, attr);
    case onednn_relu_gradient:
      return relu_gradient_pd(pd, engine, &w->x, attr);
  }
  return dnnl_invalid_arguments;
}

static dnnl_status_t make_attributes(dnnl_primitive_attr_t *attr, bool is_relu, bool accumulates) {
  TRY(dnnl_primitive_attr_create(attr));
  // oneDNN's own scratch memory belongs to the thread that created a primitive; ours may run on any.
  TRY(dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user));
  dnnl_post_ops_t ops;
  TRY(dnnl_post_ops_create(&ops));
  dnnl_status_t s = is_relu ? append_relu(ops) : dnnl_success;
  if (!s && accumulates) s = append_sum(ops);
  if (!s) s = dnnl_primitive_attr_set_post_ops(*attr, ops);
  dnnl_post_ops_destroy(ops);
  return s;
}

static dnnl_status_t make_windowed(windowed *w, dnnl_memory_desc_t *plain_kernel, const onednn_shape *s) {
  // oneDNN lists extents as NCHW and OIHW whatever their order in memory is.
  dnnl_dims_t x = {s->batch, s->channels, s->height, s->width};
  dnnl_dims_t y = {s->batch, s->out_channels, s->out_height, s->out_width};
  dnnl_dims_t kernel = {s->out_channels, s->channels, s->window_height, s->window_width};
  dnnl_dims_t bias = {s->out_channels};
  TRY(make_md(&w->x, 4, x, dnnl_nhwc));
  TRY(make_md(&w->y, 4, y, dnnl_nhwc));
  TRY(make_md(&w->kernel, 4, kernel, dnnl_format_tag_any));
  TRY(make_md(&w->bias, 1, bias, dnnl_a));
  TRY(make_md(plain_kernel, 4, kernel, dnnl_hwio));
  w->strides[0] = s->stride_y, w->strides[1] = s->stride_x;
  w->window[0] = s->window_height, w->window[1] = s->window_width;
  w->before[0] = s->pad_top, w->before[1] = s->pad_left;
  w->after[0] = s->pad_bottom, w->after[1] = s->pad_right;
  return dnnl_success;
}

static dnnl_status_t create(onednn_operation *op, onednn_kind kind, const onednn_shape *shape) {
  windowed w;
  dnnl_memory_desc_t plain_kernel;
  dnnl_primitive_attr_t attr = NULL;
  pd_t pd = NULL, hint = NULL;
  memset(&w, 0, sizeof w);
  memset(&plain_kernel, 0, sizeof plain_kernel);
  dnnl_status_t s = make_windowed(&w, &plain_kernel, shape);
  if (!s) s = make_attributes(&attr, kind == onednn_convolution_relu, false);
  if (!s) s = describe(&pd, &hint, op->engine, kind, &w, attr);
  if (!s) s = assemble(op, kind, pd, &w, &plain_kernel);
  if (pd) dnnl_primitive_desc_destroy(pd);
  if (hint) dnnl_primitive_desc_destroy(hint);
  if (attr) dnnl_primitive_attr_destroy(attr);
  free_md(&w.x), free_md(&w.y), free_md(&w.kernel), free_md(&w.bias), free_md(&plain_kernel);
  return s;
}

static dnnl_status_t create_product(onednn_operation *op, const onednn_product *p) {
  const dnnl_dims_t a_dims = {p->m, p->k}, b_dims = {p->k, p->n}, bias_dims = {1, p->n}, c_dims = {p->m, p->n};
  dnnl_memory_desc_t a, b, bias, c;
  dnnl_primitive_attr_t attr = NULL;
  pd_t pd = NULL;
  memset(&a, 0, sizeof a), memset(&b, 0, sizeof b), memset(&bias, 0, sizeof bias), memset(&c, 0, sizeof c);
  dnnl_status_t s = make_md(&a, 2, a_dims, p->transpose_a ? dnnl_ba : dnnl_ab);
  if (!s) s = make_md(&b, 2, b_dims, p->transpose_b ? dnnl_ba : dnnl_ab);
  if (!s) s = make_md(&bias, 2, bias_dims, dnnl_ab);
  if (!s) s = make_md(&c, 2, c_dims, dnnl_ab);
  if (!s) s = make_attributes(&attr, p->is_relu, p->accumulates);
  if (!s) s = product_pd(&pd, op->engine, &a, &b, p->adds_bias ? &bias : NULL, &c, attr);
  if (!s) s = add(op, DNNL_ARG_SRC, ref(&a));
  if (!s) s = add(op, DNNL_ARG_WEIGHTS, ref(&b));
  if (!s && p->adds_bias) s = add(op, DNNL_ARG_BIAS, ref(&bias));
  if (!s) s = add(op, DNNL_ARG_DST, ref(&c));
  if (!s) s = finish(op, pd);
  if (pd) dnnl_primitive_desc_destroy(pd);
  if (attr) dnnl_primitive_attr_destroy(attr);
  free_md(&a), free_md(&b), free_md(&bias), free_md(&c);
  return s;
}

static dnnl_status_t begin(onednn_operation **operation) {
  onednn_operation *op = *operation = calloc(1, sizeof *op);
  if (!op) return dnnl_out_of_memory;
  op->reordered = -1;
  TRY(dnnl_engine_create(&op->engine, dnnl_cpu, 0));
  return dnnl_stream_create(&op->stream, op->engine, dnnl_stream_default_flags);
}

/// Leaves nothing behind where `status` is an error.
static int end(onednn_operation **operation, dnnl_status_t status) {
  if (status && *operation) onednn_destroy(*operation);
  if (status) *operation = NULL;
  return status;
}

int onednn_create(onednn_operation **operation, onednn_kind kind, const onednn_shape *shape) {
  dnnl_status_t s = begin(operation);
  return end(operation, s ? s : create(*operation, kind, shape));
}

int onednn_create_product(onednn_operation **operation, const onednn_product *product) {
  dnnl_status_t s = begin(operation);
  return end(operation, s ? s : create_product(*operation, product));
}

static dnnl_status_t convert(onednn_operation *op) {
  dnnl_memory_t plain = op->argument[op->reordered];
  dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, op->reorders_result ? op->own : plain},
                            {DNNL_ARG_TO, op->reorders_result ? plain : op->own}};
  return dnnl_primitive_execute(op->reorder, op->stream, 2, args);
}

int onednn_run(onednn_operation *op, void *const *arguments, void *scratch) {
  for (int i = 0; i < op->argument_count; i++) TRY(dnnl_memory_set_data_handle(op->argument[i], arguments[i]));
  if (op->scratch) TRY(dnnl_memory_set_data_handle(op->scratch, scratch));
  if (op->reordered >= 0 && !op->reorders_result) TRY(convert(op));
  TRY(dnnl_primitive_execute(op->primitive, op->stream, op->bound_count, op->bound));
  if (op->reordered >= 0 && op->reorders_result) TRY(convert(op));
  return dnnl_stream_wait(op->stream);
}

size_t onednn_scratch_bytes(const onednn_operation *op) { return op->scratch_bytes; }

size_t onednn_places_bytes(const onednn_operation *op) { return op->places_bytes; }

void onednn_destroy(onednn_operation *op) {
  for (int i = 0; i < op->argument_count; i++) dnnl_memory_destroy(op->argument[i]);
  if (op->own) dnnl_memory_destroy(op->own);
  if (op->scratch) dnnl_memory_destroy(op->scratch);
  if (op->reorder) dnnl_primitive_destroy(op->reorder);
  if (op->primitive) dnnl_primitive_destroy(op->primitive);
  if (op->stream) dnnl_stream_destroy(op->stream);
  if (op->engine) dnnl_engine_destroy(op->engine);
  free(op);
}
