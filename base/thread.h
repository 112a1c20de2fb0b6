/* A thread that no signal comes to: they are for the one that began. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* False where there is no thread to be had. */
bool thread_begin(pthread_t *thread, void *(*run)(void *), void *argument);

#endif
