/* SPDX-License-Identifier: BSD-2-Clause */
/* Any 64 bytes as a status record, as they are and with a sum that is right: all of the report is sound. */
#include "fuzz.h"

#include <kx/status.h>

static int is_words(const char *text)
{
	return text && *text;
}

static void check_report(const struct kx_status_report *report)
{
	const char *colon = report->outcome ? strstr(report->outcome, ": ") : NULL;
	uint32_t seen = 0;

	MUST(is_words(report->arch) && is_words(report->stage) && is_words(report->blob));
	MUST(is_words(report->at_is) && is_words(report->index_is));
	if (report->outcome)
		MUST(colon && colon != report->outcome && is_words(colon + 2));
	MUST(report->count <= KX_STATUS_STAGES);
	for (size_t i = 0; i < report->count; i++) {
		unsigned int stage = report->times[i].stage;

		MUST(stage && stage <= KX_STATUS_STAGES && !(seen >> stage & 1));
		MUST(is_words(kx_status_stage_name(stage)));
		seen |= 1u << stage;
	}
	if (report->count)
		MUST(!report->times[report->count - 1].us);
}

static int read_at(const uint8_t *bytes, struct kx_status_report *report)
{
	int error = kx_status_read(bytes, report);

	if (!error)
		check_report(report);
	return error;
}

/* Every bit counts: with one flipped it is no record, or a damaged one. */
static void check_sealed(struct kx_status *status, unsigned int bit)
{
	struct kx_status_report report;
	uint8_t odd[1 + sizeof(*status)];

	status->magic = KX_STATUS_MAGIC;
	status->version = KX_STATUS_VERSION;
	status->sum = kx_status_sum(status);
	memcpy(odd + 1, status, sizeof(*status));
	if (read_at(odd + 1, &report)) {
		MUST(status->stage > KX_STATUS_STAGES || status->fault > KX_FAULT_ERROR);
		return;
	}
	odd[1 + bit / 8] ^= (uint8_t)(1u << bit % 8);
	MUST(read_at(odd + 1, &report));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kx_status_report report;
	struct kx_status status;

	if (size < sizeof(status) + 2)
		return 0;
	read_at(data, &report);
	memcpy(&status, data, sizeof(status));
	check_sealed(&status, (data[size - 2] | data[size - 1] << 8) % (8 * sizeof(status)));
	return 0;
}
