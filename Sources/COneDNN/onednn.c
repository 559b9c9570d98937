#define _GNU_SOURCE
#include "onednn.h"

#include <dlfcn.h>
#include <dnnl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *onednn_version(void) {
  static char text[32];
  const dnnl_version_t *version = dnnl_version();
  snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
  return text;
}

void onednn_let_idle_threads_sleep(char *const *arguments) {
  if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT") || getenv("KMP_BLOCKTIME")) return;
  setenv("OMP_WAIT_POLICY", "passive", 0);
  // GNU's OpenMP sleeps at once when passive, which makes short operations three times as long; a few microseconds of
  // spinning bridge the gap from one operation to the next.
  setenv("GOMP_SPINCOUNT", "1000", 0);
#ifdef __linux__
  execv("/proc/self/exe", arguments);  // returns only if it fails, and then all goes on as it was
#else
  (void)arguments;
#endif
}

// OpenMP is oneDNN's dependency and not ours: its functions are looked up in what oneDNN loaded.

void onednn_set_threads(int count) {
  void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  if (set) set(count);
}

int onednn_threads(void) {
  int (*get)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "omp_get_max_threads");
  return get ? get() : 1;
}

typedef struct {
  void (*body)(void *context, int part);
  void *context;
  int parts;
  atomic_int next;
} parallel_work;

static void work_off(void *argument) {
  parallel_work *work = argument;
  for (int part; (part = atomic_fetch_add(&work->next, 1)) < work->parts;) work->body(work->context, part);
}

void onednn_parallel(int parts, void (*body)(void *context, int part), void *context) {
  // What compilers call for `#pragma omp parallel`; both GNU's and LLVM's OpenMP have it.
  typedef void (*team_call)(void (*)(void *), void *, unsigned threads, unsigned flags);
  static _Atomic(team_call) known;
  parallel_work work = {body, context, parts, 0};
  team_call call = parts > 1 ? known : NULL;
  if (parts > 1 && !call) known = call = (team_call)dlsym(RTLD_DEFAULT, "GOMP_parallel");
  if (call) {
    call(work_off, &work, 0, 0);
  } else {
    work_off(&work);
  }
}
