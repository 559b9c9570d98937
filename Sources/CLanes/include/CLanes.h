// The module's umbrella header. It names every header, so that an existing build sees a new one.
#pragma once

#include "lane_bfloat16.h"
#include "lane_blocks.h"
#include "lane_function_calls.h"
#include "lane_matrix.h"
#include "lane_memory.h"
#include "lane_random.h"
#include "lanes.h"
#include "lanes_quantized.h"
