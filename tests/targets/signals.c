/* Counts signals, each by its number, while another process sends them.
 *
 *	signals count FILE     a target that takes them in every way there is
 *	signals send FILE PID  sends until FILE says to stop
 *
 * The FILE is `struct shared`, for both and for the test to read. */
#include <fcntl.h>
#include <pthread.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
	KINDS = 8,         /* of real-time signals, from SIGRTMIN on */
	HANDLED = 4,       /* of them by handlers, the others by what waits for them */
	NUMBERS = 1 << 20, /* of each kind, at most */
	AHEAD_MAX = 200,   /* sent and not yet taken */
};

static const int standard[] = { SIGUSR1, SIGUSR2, SIGCHLD, SIGWINCH };
enum { STANDARD = sizeof(standard) / sizeof(*standard) };

struct shared {
	atomic_uint_fast64_t ready, stop, done, ticks;
	atomic_uint_fast64_t sent[KINDS], taken[KINDS];
	atomic_uint_fast64_t standard_sent[STANDARD], standard_taken[STANDARD];
	_Atomic unsigned char seen[KINDS][NUMBERS]; /* how often each number came */
};

static struct shared *shared;

static void take(int signal_number, int value)
{
	int kind = signal_number - SIGRTMIN;

	shared->seen[kind][value]++;
	shared->taken[kind]++;
}

static void on_queued(int signal_number, siginfo_t *info, void *context)
{
	(void)context;
	take(signal_number, info->si_value.sival_int);
}

static void on_standard(int signal_number)
{
	for (int i = 0; i < STANDARD; i++)
		if (standard[i] == signal_number)
			shared->standard_taken[i]++;
}

static sigset_t set_of(int kind)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + kind);
	return set;
}

static void *wait_info(void *kind)
{
	sigset_t set = set_of((int)(intptr_t)kind);
	siginfo_t info;

	for (;;)
		if (sigwaitinfo(&set, &info) > 0)
			take(info.si_signo, info.si_value.sival_int);
	return NULL;
}

static void *wait_timed(void *kind)
{
	sigset_t set = set_of((int)(intptr_t)kind);
	struct timespec timeout = { .tv_nsec = 500 * 1000 };
	siginfo_t info;

	for (;;)
		if (sigtimedwait(&set, &info, &timeout) > 0)
			take(info.si_signo, info.si_value.sival_int);
	return NULL;
}

static void *read_signalfd(void *kind)
{
	sigset_t set = set_of((int)(intptr_t)kind);
	struct signalfd_siginfo info;
	int fd = signalfd(-1, &set, 0);

	for (;;)
		if (read(fd, &info, sizeof(info)) == sizeof(info))
			take((int)info.ssi_signo, info.ssi_int);
	return NULL;
}

/* A signal that is only let in during a call that waits. */
static void *wait_in_ppoll(void *kind)
{
	sigset_t set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	sigdelset(&set, SIGRTMIN + (int)(intptr_t)kind);
	for (;;)
		ppoll(NULL, 0, NULL, &set);
	return NULL;
}

static void *busy(void *unused)
{
	for (;;)
		shared->ticks++;
	return unused;
}

static void *asleep(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void start(void *(*function)(void *), intptr_t kind)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, (void *)kind))
		abort();
}

static void count(void)
{
	struct sigaction queued = { .sa_sigaction = on_queued,
		.sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction plain = { .sa_handler = on_standard, .sa_flags = SA_RESTART };
	sigset_t waited;

	sigemptyset(&waited);
	for (int kind = 0; kind < KINDS; kind++) {
		sigaction(SIGRTMIN + kind, &queued, NULL);
		if (kind >= HANDLED)
			sigaddset(&waited, SIGRTMIN + kind);
	}
	for (int i = 0; i < STANDARD; i++)
		sigaction(standard[i], &plain, NULL);
	pthread_sigmask(SIG_BLOCK, &waited, NULL);
	start(wait_info, HANDLED);
	start(wait_timed, HANDLED + 1);
	start(read_signalfd, HANDLED + 2);
	start(wait_in_ppoll, HANDLED + 3);
	start(busy, 0);
	start(asleep, 0);
	shared->ready = 1;
	asleep(NULL);
}

static void yield_a_little(void)
{
	struct timespec time = { .tv_nsec = 20 * 1000 };

	nanosleep(&time, NULL);
}

static void send_queued(pid_t pid, int kind)
{
	uint64_t number = shared->sent[kind];
	union sigval value = { .sival_int = (int)number };

	if (number < NUMBERS && number - shared->taken[kind] < AHEAD_MAX &&
			!sigqueue(pid, SIGRTMIN + kind, value))
		shared->sent[kind]++;
}

/* Of these only one can be pending: the next goes when the last has come. */
static void send_standard(pid_t pid, int i)
{
	if (shared->standard_sent[i] == shared->standard_taken[i]) {
		shared->standard_sent[i]++;
		kill(pid, standard[i]);
	}
}

static void send_all(pid_t pid)
{
	while (!shared->stop) {
		for (int kind = 0; kind < KINDS; kind++)
			send_queued(pid, kind);
		for (int i = 0; i < STANDARD; i++)
			send_standard(pid, i);
		yield_a_little();
	}
	shared->done = 1;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	int fd = open(argv[2], O_RDWR);
	if (fd < 0)
		return 2;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		return 2;
	if (!strcmp(argv[1], "count"))
		count();
	else
		send_all((pid_t)atol(argv[3]));
	return 0;
}
