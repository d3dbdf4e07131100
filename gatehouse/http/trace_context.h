/// TraceContext — which trace a request belongs to (W3C Trace Context), and what the client calls it.
#pragma once

#include <string>
#include <string_view>

#include "gatehouse/http/headers.h"

namespace gatehouse::http {

struct TraceContext {
  std::string trace_id;        ///< 32 lower-case hex digits, taken from `traceparent` or made
  std::string span_id;         ///< 16, ours, made for this request
  std::string parent_span_id;  ///< the caller's; empty when the trace begins here
  bool sampled = false;
  std::string
      correlation_id;  ///< `X-Correlation-ID` or `X-Request-ID` of the client: printable, ≤ 128, or empty

  std::string traceparent() const;  ///< "00-<trace>-<span>-<flags>": the answer's header
};

/// Reads `traceparent` (version 00, or a later one by its first four fields; anything else begins a new
/// trace) and the correlation id. Identifiers come from a fast generator of the thread: unique, not secret.
TraceContext make_trace_context(const RequestHeaders& headers);

}  // namespace gatehouse::http
