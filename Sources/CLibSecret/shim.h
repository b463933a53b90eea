/* The functions that take object paths instead of proxies: a lookup is then two round
 * trips, where building a proxy for the item takes several more. The header hides them
 * behind this name; the library exports them like all others (0.20.5). */
#define SECRET_API_SUBJECT_TO_CHANGE
#include <libsecret/secret.h>
