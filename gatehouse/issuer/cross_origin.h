/// CrossOrigin — which pages of other origins may read what the issuer answers (Fetch §3.2).
///
/// Only origins that are registered with a client, never "*", and never with cookies: what these endpoints
/// need is in the request. Pages of the issuer's own origin need none of this.
#pragma once

#include <string>

#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/client_catalog.h"

namespace gatehouse::issuer {

/// Leaves word of which client asks, so that only its own pages may read the answer. Where nobody does, as
/// when the client is not known, those of every client may.
void note_client(http::HttpContext& context, const stores::Client& client);

class CrossOrigin {
 public:
  /// `catalog` must outlive it and the handlers.
  explicit CrossOrigin(ClientCatalog& catalog) : catalog_(catalog) {}

  /// Answers as `handler`, and says whether the page may read it.
  http::Handler readable(http::Handler handler);

  /// Answers a preflight for `method`: 204, to any client's page with leave to send it.
  http::Handler preflight(std::string method);

 private:
  Task<http::Response> answer(const http::Handler& handler, http::HttpContext& context);
  Task<http::Response> answer_preflight(const std::string& method, http::HttpContext& context);
  Task<bool> may_read(const http::HttpContext& context, std::string_view origin);

  ClientCatalog& catalog_;
};

/// The preflight of what everybody may read: the discovery documents and the keys.
http::Handler make_public_preflight();

}  // namespace gatehouse::issuer
