// Philox4x32-10 over many counters at once, and normal numbers from its words.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The words of `blocks` blocks, four each, from the block `counter` of the stream (`key`, `index`) on.
void lanes_philox(uint64_t counter, uint64_t index, uint64_t key, uint32_t *words, size_t blocks);

/// Replaces 32·`groups` random words by as many numbers from N(0, 1), in the same memory: in each group, words j and
/// j + 16 become the two numbers of Box and Muller's transform.
void lanes_normals(void *words, size_t groups);
