#include "gatehouse/http/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::http {
namespace {

using testing::MatchesRegex;

constexpr std::string_view trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr std::string_view parent_id = "00f067aa0ba902b7";

TraceContext from(std::string_view traceparent) {
  RequestHeaders headers;
  headers.add("Traceparent", traceparent);
  return make_trace_context(headers);
}

TEST(TraceContext, ContinuesTheCallersTrace) {
  const TraceContext trace = from("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_EQ(trace.trace_id, trace_id);
  EXPECT_EQ(trace.parent_span_id, parent_id);
  EXPECT_TRUE(trace.sampled);
  EXPECT_NE(trace.span_id, parent_id);
  EXPECT_EQ(trace.traceparent(), "00-" + trace.trace_id + "-" + trace.span_id + "-01");
}

TEST(TraceContext, BeginsATraceWhenThereIsNone) {
  const TraceContext first = make_trace_context({});
  const TraceContext second = make_trace_context({});
  EXPECT_THAT(first.traceparent(), MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-00"));
  EXPECT_EQ(first.parent_span_id, "");
  EXPECT_NE(first.trace_id, second.trace_id);
  EXPECT_NE(first.span_id, second.span_id);
}

struct ParentCase {
  const char* name;
  std::string_view header;
  bool adopted;
};

constexpr ParentCase parent_cases[] = {
    {"TakesALaterVersion", "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true},
    {"TakesALaterVersionWithMoreFields", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-what",
     true},
    {"RefusesALaterVersionThatIsLonger", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00.what",
     false},
    {"RefusesVersionZeroThatIsLonger", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-what", false},
    {"RefusesVersionFf", "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false},
    {"RefusesUpperCase", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-00", false},
    {"RefusesATraceOfZeros", "00-00000000000000000000000000000000-00f067aa0ba902b7-00", false},
    {"RefusesASpanOfZeros", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-00", false},
    {"RefusesWhatIsTooShort", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", false},
    {"RefusesOtherSeparators", "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_00", false},
    {"RefusesFlagsThatAreNoHex", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x", false},
    {"RefusesNothing", "", false},
};

class Traceparent : public testing::TestWithParam<ParentCase> {};

TEST_P(Traceparent, IsJudgedByTheTable) {
  const TraceContext trace = from(GetParam().header);
  EXPECT_EQ(trace.trace_id == trace_id, GetParam().adopted);
  EXPECT_EQ(trace.trace_id.size(), 32u);
}

INSTANTIATE_TEST_SUITE_P(W3cTraceContext, Traceparent, testing::ValuesIn(parent_cases),
                         [](const auto& test) { return test.param.name; });

TEST(TraceContext, BeginsATraceWhenTwoHeadersClaimOne) {
  RequestHeaders headers;
  headers.add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  headers.add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_NE(make_trace_context(headers).trace_id, trace_id);
}

TEST(CorrelationId, PrefersItsOwnHeader) {
  RequestHeaders headers;
  headers.add("X-Request-ID", "request-1");
  EXPECT_EQ(make_trace_context(headers).correlation_id, "request-1");
  headers.add("X-Correlation-ID", "correlation-1");
  EXPECT_EQ(make_trace_context(headers).correlation_id, "correlation-1");
}

TEST(CorrelationId, IsEmptyWhenItCouldForgeALogLine) {
  const std::string longest(128, 'a');
  for (const auto& [value, expected] : {std::pair<std::string, std::string>{longest, longest},
                                        {longest + "a", ""},
                                        {"a b", ""},
                                        {"a\x1b[2J", ""},
                                        {"caf\xC3\xA9", ""}}) {
    RequestHeaders headers;
    headers.add("X-Correlation-ID", value);
    EXPECT_EQ(make_trace_context(headers).correlation_id, expected);
  }
}

}  // namespace
}  // namespace gatehouse::http
