/// Backchannel — how documents are fetched from an authority; handed in by whoever can open sockets.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "gatehouse/base/result.h"
#include "gatehouse/base/signal.h"
#include "gatehouse/base/task.h"
#include "gatehouse/base/url.h"

namespace gatehouse::discovery {

struct DocumentRequest {
  Url url;
  std::string etag = {};                     ///< of the copy at hand; empty: there is none
  bool public_addresses_only = false;        ///< refuse to connect to any other (address_not_allowed)
  std::string authorization = {};            ///< `Authorization`, a secret; empty: none is sent
  std::string form = {};                     ///< posted as application/x-www-form-urlencoded; empty: a GET
  std::chrono::milliseconds timeout{5'000};  ///< from the call to the last octet
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

  /// One GET, or POST. Never follows a redirect, and gives up at its timeout and at a size cap of its own.
  /// Fails with unavailable, too_large, malformed or address_not_allowed. The caller goes on on whatever
  /// thread this ends on.
  virtual Task<Result<DocumentResponse>> fetch(DocumentRequest request) = 0;

  /// Runs `work` after `delay`, on a thread of its own choice. Work that is still waiting when the
  /// backchannel goes is dropped.
  virtual void post_after(std::chrono::milliseconds delay, std::move_only_function<void()> work) = 0;
};

/// The timers of `backchannel`, for whoever needs no more of it.
inline PostAfter timers_of(std::shared_ptr<Backchannel> backchannel) {
  return [backchannel = std::move(backchannel)](std::chrono::milliseconds delay,
                                                std::move_only_function<void()> work) {
    backchannel->post_after(delay, std::move(work));
  };
}

}  // namespace gatehouse::discovery
