/* Model A by hand in C: an event loop over a binary heap, what a programmer would write who wants this model only.
 *
 * No tool, but a mark for what a tool could reach. One event an arrival, an end of talk, a loss of patience (which is
 * void if the call was answered meanwhile); xoshiro256++ and one logarithm a draw; the waiting calls in a ring.
 * Recorded for each call: offered, answered (NaN if nobody answered) and ended, in three arrays that grow. Calls still
 * there at the end of the last day are not recorded. Times in minutes.
 *
 * Speaks the lines of worker.py. Build: cc -O2 -o events_a events_a.c -lm
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { AGENTS = 50, ARRIVAL, END_OF_TALK, LOST_PATIENCE };

typedef struct { double at; int64_t call; int64_t kind; } Event;

static uint64_t state[4];
static Event *heap;
static int64_t n_events, room_events;
static double *offered, *answered, *ended; /* by call; ended is NaN until it is over */
static int64_t n_calls, room_calls;

static uint64_t rotated(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static uint64_t next_bits(void) {
    uint64_t result = rotated(state[0] + state[3], 23) + state[0], t = state[1] << 17;
    state[2] ^= state[0]; state[3] ^= state[1]; state[1] ^= state[2]; state[0] ^= state[3];
    state[2] ^= t; state[3] = rotated(state[3], 45);
    return result;
}

static void seed_with(uint64_t seed) { /* SplitMix64 */
    for (int i = 0; i < 4; i++) {
        uint64_t z = (seed += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        state[i] = z ^ (z >> 31);
    }
}

static double exponential(double mean) { return -mean * log(((next_bits() >> 12) + 0.5) * 0x1p-52); }

static void *grown(void *old, int64_t bytes) {
    void *found = realloc(old, (size_t)bytes);
    if (!found) { fprintf(stderr, "events_a: no memory\n"); exit(1); }
    return found;
}

static void schedule(double at, int64_t call, int64_t kind) {
    if (n_events == room_events) {
        room_events = room_events ? 2 * room_events : 256;
        heap = grown(heap, room_events * (int64_t)sizeof *heap);
    }
    int64_t i = n_events++;
    while (i > 0 && heap[(i - 1) / 2].at > at) { heap[i] = heap[(i - 1) / 2]; i = (i - 1) / 2; }
    heap[i] = (Event){at, call, kind};
}

static Event next_event(void) {
    Event first = heap[0], last = heap[--n_events];
    int64_t i = 0, child;
    while ((child = 2 * i + 1) < n_events) {
        if (child + 1 < n_events && heap[child + 1].at < heap[child].at) child++;
        if (heap[child].at >= last.at) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return first;
}

static int64_t new_call(double now) {
    if (n_calls == room_calls) {
        room_calls = room_calls ? 2 * room_calls : 1024;
        offered = grown(offered, room_calls * (int64_t)sizeof *offered);
        answered = grown(answered, room_calls * (int64_t)sizeof *answered);
        ended = grown(ended, room_calls * (int64_t)sizeof *ended);
    }
    offered[n_calls] = now;
    answered[n_calls] = ended[n_calls] = NAN;
    return n_calls++;
}

static void run(double until) {
    int busy = 0;
    /* Calls wait in the order of their numbers: the queue is all from `head` on that are neither answered nor gone. */
    int64_t head = 0;
    n_events = n_calls = 0;
    schedule(exponential(1.0 / 16), 0, ARRIVAL);
    while (heap[0].at < until) {
        Event event = next_event();
        double now = event.at;
        if (event.kind == ARRIVAL) {
            int64_t call = new_call(now);
            schedule(now + exponential(1.0 / 16), 0, ARRIVAL);
            if (busy < AGENTS) {
                busy++;
                answered[call] = now;
                schedule(now + exponential(3.0), call, END_OF_TALK);
            } else {
                schedule(now + exponential(4.0), call, LOST_PATIENCE);
            }
        } else if (event.kind == END_OF_TALK) {
            ended[event.call] = now;
            while (head < n_calls && !(isnan(answered[head]) && isnan(ended[head]))) head++;
            if (head < n_calls) {
                answered[head] = now;
                schedule(now + exponential(3.0), head, END_OF_TALK);
            } else {
                busy--;
            }
        } else if (isnan(answered[event.call])) {
            ended[event.call] = now;
        }
    }
}

int main(void) {
    double days;
    uint64_t seed;
    printf("ready C%ld\n", __STDC_VERSION__);
    fflush(stdout);
    while (scanf("%lf %" SCNu64, &days, &seed) == 2) {
        clock_t before = clock();
        seed_with(seed);
        run(1440.0 * days);
        double cpu = (double)(clock() - before) / CLOCKS_PER_SEC, waits = 0;
        int64_t n = 0, lost = 0;
        for (int64_t i = 0; i < n_calls; i++) {
            if (isnan(ended[i])) continue;
            n++;
            lost += isnan(answered[i]);
            waits += (isnan(answered[i]) ? ended[i] : answered[i]) - offered[i];
        }
        printf("%.17g %" PRId64 " %" PRId64 " %.17g\n", cpu, n, lost, 60 * waits);
        fflush(stdout);
        free(offered); free(answered); free(ended); free(heap);
        offered = answered = ended = NULL;
        heap = NULL;
        room_calls = room_events = 0;
    }
    return 0;
}
