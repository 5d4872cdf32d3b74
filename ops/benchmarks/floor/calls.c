/* Calls to an AI provider with nothing but libcurl: the floor for what a call costs.
 *
 * usage: calls URL BODY_FILE CALLS CONCURRENCY
 * One thread, one multi handle, connections are kept. Prints a line of JSON: calls, seconds, CPU seconds, and the median
 * and 99th percentile latency. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <curl/curl.h>

enum { BODY_LIMIT = 1 << 20, WAIT_MS = 1000, TIMEOUT_SECONDS = 60 };

struct call {
    CURL *handle;
    double start;
    size_t received;
};

static void fail(const char *what) {
    fprintf(stderr, "calls: %s\n", what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static size_t take(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    ((struct call *)context)->received += size * count;
    return size * count;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Makes `total` calls, `concurrency` at a time; fills in their latencies in milliseconds. */
static void run(CURLM *multi, struct call *calls, long concurrency, long total, double *latencies) {
    long started = 0, finished = 0;
    for (; started < concurrency && started < total; started++) {
        calls[started].start = now();
        curl_multi_add_handle(multi, calls[started].handle);
    }
    while (finished < total) {
        int running, left;
        if (curl_multi_perform(multi, &running) != CURLM_OK) fail("perform");
        CURLMsg *message;
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            CURL *handle = message->easy_handle;
            long status = 0;
            struct call *call = NULL;
            curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
            curl_easy_getinfo(handle, CURLINFO_PRIVATE, (char **)&call);
            if (message->data.result != CURLE_OK || status != 200 || call->received == 0) fail("a call failed");
            latencies[finished++] = (now() - call->start) * 1000;
            curl_multi_remove_handle(multi, handle);
            if (started < total) {
                started++;
                call->received = 0;
                call->start = now();
                curl_multi_add_handle(multi, handle);
            }
        }
        if (finished < total && curl_multi_poll(multi, NULL, 0, WAIT_MS, NULL) != CURLM_OK) fail("poll");
    }
}

int main(int count, char **arguments) {
    if (count != 5) fail("usage: calls URL BODY_FILE CALLS CONCURRENCY");
    long total = strtol(arguments[3], NULL, 10), concurrency = strtol(arguments[4], NULL, 10);
    static char body[BODY_LIMIT];
    FILE *file = fopen(arguments[2], "rb");
    if (file == NULL) fail("the body cannot be read");
    size_t length = fread(body, 1, sizeof body, file);
    fclose(file);
    curl_global_init(CURL_GLOBAL_ALL);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, concurrency);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Authorization: Bearer bench");
    headers = curl_slist_append(headers, "Expect:");
    struct call *calls = calloc((size_t)concurrency, sizeof *calls);
    double *latencies = calloc((size_t)(total > concurrency * 2 ? total : concurrency * 2), sizeof *latencies);
    if (calls == NULL || latencies == NULL) fail("no memory");
    for (long i = 0; i < concurrency; i++) {
        CURL *handle = calls[i].handle = curl_easy_init();
        curl_easy_setopt(handle, CURLOPT_URL, arguments[1]);
        curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(handle, CURLOPT_WRITEDATA, &calls[i]);
        curl_easy_setopt(handle, CURLOPT_PRIVATE, &calls[i]);
        curl_easy_setopt(handle, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
        curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    }
    /* Connections are there before the clock starts. */
    run(multi, calls, concurrency, concurrency * 2, latencies);
    for (long i = 0; i < concurrency; i++) calls[i].received = 0;
    double start = now(), used = cpu();
    run(multi, calls, concurrency, total, latencies);
    double seconds = now() - start;
    used = cpu() - used;
    qsort(latencies, (size_t)total, sizeof *latencies, compare);
    printf("{\"calls\":%ld,\"seconds\":%.6f,\"cpu_seconds\":%.6f,\"p50_ms\":%.4f,\"p99_ms\":%.4f}\n", total, seconds, used,
           latencies[total / 2], latencies[total * 99 / 100]);
    return 0;
}
