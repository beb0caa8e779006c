/* SPDX-License-Identifier: BSD-2-Clause */
/* kx-status: a status record in words. A program of the machine that it is built on. */
#include <kx/status.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXIT_FAULT 1
#define EXIT_NONE  2

static const char usage[] =
	"usage: kx-status [--at=ADDRESS] [FILE]\n"
	"\n"
	"Says in words how the last hop went: how far it came, how long each stage took, and why it\n"
	"ended if it has. FILE holds the status record, 64 bytes, of any architecture; without it they\n"
	"are read from standard input.\n"
	"\n"
	"  --at=ADDRESS  where in FILE the record begins, as in: kx-status --at=0x9ffff000 /dev/mem\n"
	"  --help        this text\n"
	"\n"
	"exit status:\n"
	"  0  the hop went well as far as it has come\n"
	"  1  it came to a bad end\n"
	"  2  there is no record, or a damaged one, or FILE cannot be read\n";

static _Noreturn void die(const char *name, const char *why)
{
	fprintf(stderr, "kx-status: %s: %s\n", name, why);
	exit(EXIT_NONE);
}

static long long read_address(const char *option)
{
	const char *digits = option + strlen("--at=");
	char *end;
	long long at;

	errno = 0;
	at = strtoll(digits, &end, 0);
	if (end == digits || *end || at < 0 || errno)
		die(option, "not an address");
	return at;
}

static void read_record(const char *name, long long at, uint8_t *record)
{
	FILE *file = name ? fopen(name, "rb") : stdin;
	const char *called = name ? name : "standard input";

	if (!file || (at && fseeko(file, at, SEEK_SET)))
		die(called, strerror(errno));
	setvbuf(file, NULL, _IONBF, 0); /* what lies around the record may not be readable */
	if (fread(record, 1, KX_STATUS_SIZE, file) != KX_STATUS_SIZE)
		die(called, ferror(file) ? strerror(errno) : "shorter than a record");
	if (name)
		fclose(file);
}

/* A line for each stage that has ended, with its share of them all. */
static void say_times(const struct kx_status_report *report)
{
	uint64_t total = 0;

	for (size_t i = 0; i < report->count; i++)
		total += report->times[i].us;
	for (size_t i = 0; i + 1 < report->count; i++) {
		double time = (double)report->times[i].us;

		printf("  %-8s", kx_status_stage_name(report->times[i].stage));
		if (report->has_rate)
			printf("%12.3f ms", time / 1000);
		else
			printf("%12.0f ticks", time);
		printf("  %5.1f %%\n", total ? 100 * time / (double)total : 0);
	}
	if (report->has_rate && report->count > 1)
		printf("  %-8s%12.3f ms\n", "all", (double)total / 1000);
}

static int say(const struct kx_status_report *report)
{
	printf("%s: %s: %s\n", report->arch, report->stage,
	       report->outcome ? report->outcome : "no fault");
	if (report->outcome)
		printf("  cause 0x%x, at %s+0x%llx, %s 0x%llx, %s %u\n", report->cause, report->blob,
		       (unsigned long long)report->pc, report->at_is, (unsigned long long)report->at,
		       report->index_is, report->index);
	say_times(report);
	return report->outcome ? EXIT_FAULT : 0;
}

int main(int argc, char **argv)
{
	struct kx_status_report report;
	uint8_t record[KX_STATUS_SIZE];
	const char *name = NULL;
	long long at = 0;
	int error;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			fputs(usage, stdout);
			return 0;
		}
		if (!strncmp(argv[i], "--at=", 5))
			at = read_address(argv[i]);
		else if (name || (argv[i][0] == '-' && argv[i][1]))
			die(argv[i], "not understood; see --help");
		else if (strcmp(argv[i], "-"))
			name = argv[i];
	}
	read_record(name, at, record);
	error = kx_status_read(record, &report);
	if (error)
		die(name ? name : "standard input", kx_strerror(error));
	return say(&report);
}
