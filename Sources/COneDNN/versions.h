// The differences between oneDNN 2.6 and 3: version 3 dropped operation descriptors and made memory descriptors opaque.
#pragma once

#include <dnnl.h>
#include <string.h>

#if DNNL_VERSION_MAJOR >= 3

typedef const_dnnl_memory_desc_t md;

static dnnl_status_t make_md(dnnl_memory_desc_t *out, int rank, const dnnl_dims_t dims, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(out, rank, dims, dnnl_f32, tag);
}
static void free_md(dnnl_memory_desc_t *m) {
  if (*m) dnnl_memory_desc_destroy(*m);
}
static md ref(const dnnl_memory_desc_t *m) { return *m; }
static size_t md_bytes(md m) { return m ? dnnl_memory_desc_get_size(m) : 0; }
static dnnl_status_t append_relu(dnnl_post_ops_t ops) { return dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0, 0); }
static dnnl_status_t append_sum(dnnl_post_ops_t ops) {
  return dnnl_post_ops_append_sum(ops, 1, 0, dnnl_data_type_undef);
}

#else

typedef const dnnl_memory_desc_t *md;

static dnnl_status_t make_md(dnnl_memory_desc_t *out, int rank, const dnnl_dims_t dims, dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(out, rank, dims, dnnl_f32, tag);
}
static void free_md(dnnl_memory_desc_t *m) { (void)m; }
static md ref(const dnnl_memory_desc_t *m) { return m; }
static size_t md_bytes(md m) { return m ? dnnl_memory_desc_get_size(m) : 0; }
static dnnl_status_t append_relu(dnnl_post_ops_t ops) {
  return dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0);
}
static dnnl_status_t append_sum(dnnl_post_ops_t ops) { return dnnl_post_ops_append_sum(ops, 1); }

#endif

/// The descriptors that a windowed operation is made from.
typedef struct {
  dnnl_memory_desc_t x, kernel, bias, y;
  dnnl_dims_t strides, window, no_dilation, before, after;
} windowed;

typedef dnnl_primitive_desc_t pd_t;

static dnnl_status_t convolution_pd(pd_t *pd, dnnl_engine_t engine, const windowed *w, dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_forward_primitive_desc_create(pd, engine, dnnl_forward_training, dnnl_convolution_direct, w->x,
                                                        w->kernel, w->bias, w->y, w->strides, w->no_dilation, w->before,
                                                        w->after, attr);
#else
  dnnl_convolution_desc_t d;
  dnnl_status_t s = dnnl_convolution_forward_desc_init(&d, dnnl_forward_training, dnnl_convolution_direct, &w->x,
                                                       &w->kernel, &w->bias, &w->y, w->strides, w->before, w->after);
  return s ? s : dnnl_primitive_desc_create(pd, &d, attr, engine, NULL);
#endif
}

static dnnl_status_t weight_gradient_pd(pd_t *pd, dnnl_engine_t engine, const windowed *w, pd_t hint,
                                        dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_weights_primitive_desc_create(pd, engine, dnnl_convolution_direct, w->x, w->kernel,
                                                                 w->bias, w->y, w->strides, w->no_dilation, w->before,
                                                                 w->after, hint, attr);
#else
  dnnl_convolution_desc_t d;
  dnnl_status_t s = dnnl_convolution_backward_weights_desc_init(&d, dnnl_convolution_direct, &w->x, &w->kernel, &w->bias,
                                                                &w->y, w->strides, w->before, w->after);
  return s ? s : dnnl_primitive_desc_create(pd, &d, attr, engine, hint);
#endif
}

static dnnl_status_t input_gradient_pd(pd_t *pd, dnnl_engine_t engine, const windowed *w, pd_t hint,
                                       dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_data_primitive_desc_create(pd, engine, dnnl_convolution_direct, w->x, w->kernel, w->y,
                                                              w->strides, w->no_dilation, w->before, w->after, hint,
                                                              attr);
#else
  dnnl_convolution_desc_t d;
  dnnl_status_t s = dnnl_convolution_backward_data_desc_init(&d, dnnl_convolution_direct, &w->x, &w->kernel, &w->y,
                                                             w->strides, w->before, w->after);
  return s ? s : dnnl_primitive_desc_create(pd, &d, attr, engine, hint);
#endif
}

static dnnl_status_t pooling_pd(pd_t *pd, dnnl_engine_t engine, const windowed *w, dnnl_prop_kind_t use,
                                dnnl_alg_kind_t algorithm, dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_pooling_forward_primitive_desc_create(pd, engine, use, algorithm, w->x, w->y, w->strides, w->window,
                                                    w->no_dilation, w->before, w->after, attr);
#else
  dnnl_pooling_desc_t d;
  dnnl_status_t s =
      dnnl_pooling_forward_desc_init(&d, use, algorithm, &w->x, &w->y, w->strides, w->window, w->before, w->after);
  return s ? s : dnnl_primitive_desc_create(pd, &d, attr, engine, NULL);
#endif
}

static dnnl_status_t pooling_gradient_pd(pd_t *pd, dnnl_engine_t engine, const windowed *w, dnnl_alg_kind_t algorithm,
                                         pd_t hint, dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_pooling_backward_primitive_desc_create(pd, engine, algorithm, w->x, w->y, w->strides, w->window,
                                                     w->no_dilation, w->before, w->after, hint, attr);
#else
  dnnl_pooling_desc_t d;
  dnnl_status_t s =
      dnnl_pooling_backward_desc_init(&d, algorithm, &w->x, &w->y, w->strides, w->window, w->before, w->after);
  return s ? s : dnnl_primitive_desc_create(pd, &d, attr, engine, hint);
#endif
}

static dnnl_status_t product_pd(pd_t *pd, dnnl_engine_t engine, const dnnl_memory_desc_t *a, const dnnl_memory_desc_t *b,
                                const dnnl_memory_desc_t *bias, const dnnl_memory_desc_t *c, dnnl_primitive_attr_t attr) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_matmul_primitive_desc_create(pd, engine, *a, *b, bias ? *bias : NULL, *c, attr);
#else
  dnnl_matmul_desc_t d;
  dnnl_status_t s = dnnl_matmul_desc_init(&d, a, b, bias, c);
  return s ? s : dnnl_primitive_desc_create(pd, &d, attr, engine, NULL);
#endif
}

static dnnl_status_t relu_gradient_pd(pd_t *pd, dnnl_engine_t engine, const dnnl_memory_desc_t *m,
                                      dnnl_primitive_attr_t attr) {
  pd_t hint = NULL;
  dnnl_status_t s;
#if DNNL_VERSION_MAJOR >= 3
  s = dnnl_eltwise_forward_primitive_desc_create(&hint, engine, dnnl_forward_training,
                                                 dnnl_eltwise_relu_use_dst_for_bwd, *m, *m, 0, 0, NULL);
  if (!s)
    s = dnnl_eltwise_backward_primitive_desc_create(pd, engine, dnnl_eltwise_relu_use_dst_for_bwd, *m, *m, *m, 0, 0,
                                                    hint, attr);
#else
  dnnl_eltwise_desc_t d;
  s = dnnl_eltwise_forward_desc_init(&d, dnnl_forward_training, dnnl_eltwise_relu_use_dst_for_bwd, m, 0, 0);
  if (!s) s = dnnl_primitive_desc_create(&hint, &d, NULL, engine, NULL);
  if (!s) s = dnnl_eltwise_backward_desc_init(&d, dnnl_eltwise_relu_use_dst_for_bwd, m, m, 0, 0);
  if (!s) s = dnnl_primitive_desc_create(pd, &d, attr, engine, hint);
#endif
  if (hint) dnnl_primitive_desc_destroy(hint);
  return s;
}
