/// Application pipeline — the middleware an application asked for, checked for its order and made ready to
/// run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "gatehouse/configuration/faults.h"
#include "gatehouse/http/pipeline.h"
#include "gatehouse/http/routing.h"

namespace gatehouse::hosting {

enum class StepKind : std::uint8_t { https_redirection, authentication, authorization, custom };

/// What the order is checked against.
struct PipelineFacts {
  std::vector<StepKind> steps;
  bool has_schemes = false;  ///< add_authentication() added at least one
  bool has_fallback_policy = false;
  std::vector<std::string> protected_endpoints = {};  ///< "GET /api/orders", those that say who may call them
};

/// The mistakes that make every request a 401 or, worse, none: authorization before authentication, protected
/// endpoints without the middleware that would protect them, authentication without a scheme. Each fault
/// names the fix.
void check_pipeline(const PipelineFacts& facts, configuration::Faults& faults);

/// 307 to the same target on https (RFC 9110 §15.4.8). `https_port` is asked at each request, as a port may
/// be bound after the pipeline was made; 0 means there is no https address, and requests go on.
http::Middleware use_https_redirection(std::function<int()> https_port);

}  // namespace gatehouse::hosting
