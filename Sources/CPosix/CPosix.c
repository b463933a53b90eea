/* The target is its header; SwiftPM wants one source. */
#include "CPosix.h"
