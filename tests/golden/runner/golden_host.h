/// Golden host — the real pipeline, set up as one case asks, and what was seen of a request that went through
/// it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/authentication/authenticate_result.h"
#include "tests/golden/runner/golden_options.h"

namespace gatehouse::golden {

/// What `expect` of a case speaks about, as it happened.
struct Observation {
  int status = 0;
  bool threw = false;  ///< an exception left the pipeline
  std::vector<std::string> www_authenticate;
  std::vector<std::pair<std::string, std::string>> x_headers;
  bool endpoint_reached = false;
  std::shared_ptr<const claims::ClaimsPrincipal> user;
  std::optional<authentication::AuthenticateResult>
      result;  ///< of the probe scheme; empty when it threw or has none
  bool has_default_scheme = true;
  std::vector<std::string> events;
  std::optional<Error> event_failure;  ///< what OnAuthenticationFailed saw last
  std::vector<std::string> metadata_fetches;
};

/// One host, kept over the steps of its case.
class GoldenHost {
 public:
  /// Throws std::runtime_error where the case asks for something that is not built yet, naming it.
  GoldenHost(const Json& golden_case, const KeyRing& keys);
  ~GoldenHost();

  Observation send(const Json& request, Instant now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::golden
