/// FirstPartyClients — the applications that users may give what proves who they are.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "gatehouse/base/task.h"
#include "gatehouse/http/http_context.h"
#include "gatehouse/http/request.h"
#include "gatehouse/http/response.h"
#include "gatehouse/issuer/request_throttle.h"
#include "gatehouse/stores/client_store.h"

namespace gatehouse::issuer {

class FirstPartyClients {
 public:
  /// Both must outlive it. `otherwise` is the client of a request that names none; empty: each has to.
  FirstPartyClients(stores::ClientStore& clients, std::string otherwise, RequestThrottle& throttle)
      : clients_(clients), otherwise_(std::move(otherwise)), throttle_(throttle) {}

  /// The client, or what to answer: 401 for one that is unknown, disabled or not first-party, and for a page
  /// of an origin that is neither its client's nor the issuer's own; 429 when too many requests in its name
  /// showed what was never given; 503 when the store does not answer.
  Task<std::expected<stores::Client, http::Response>> find(std::string id, const http::Request& request);

  /// Only pages of the client of that name may read the answer (cross_origin.h).
  Task<void> note(http::HttpContext& context, std::string id);

 private:
  stores::ClientStore& clients_;
  std::string otherwise_;
  RequestThrottle& throttle_;
};

}  // namespace gatehouse::issuer
