/// Backchannel — how documents are fetched from an authority; handed in by whoever can open sockets.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "gatehouse/base/result.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/url.h"

namespace gatehouse::discovery {

struct DocumentRequest {
  Url url;
  std::string etag = {};               ///< of the copy at hand; empty: there is none
  bool public_addresses_only = false;  ///< refuse to connect to any other (address_not_allowed)
};

struct DocumentResponse {
  int status = 0;
  std::string body = {};
  std::string etag = {};           ///< `ETag`, or empty
  std::string cache_control = {};  ///< `Cache-Control`, or empty
};

class Backchannel {
 public:
  virtual ~Backchannel() = default;

  /// One GET. Never follows a redirect, and gives up at its own deadline and size cap. Fails with
  /// unavailable, too_large, malformed or address_not_allowed. The caller goes on on whatever thread this
  /// ends on.
  virtual Task<Result<DocumentResponse>> fetch(DocumentRequest request) = 0;

  /// Runs `work` after `delay`, on a thread of its own choice. Work that is still waiting when the
  /// backchannel goes is dropped.
  virtual void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) = 0;
};

}  // namespace gatehouse::discovery
