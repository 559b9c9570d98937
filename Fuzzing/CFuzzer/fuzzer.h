#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own main function, with the function that it calls with its inputs.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*call)(const uint8_t *data, size_t size));

#endif
