/// Metadata endpoints — what everybody may know of an issuer: its discovery documents and its keys (RFC 8414,
/// OpenID Connect Discovery 1.0, RFC 7517).
#pragma once

#include <string>
#include <vector>

#include "gatehouse/http/endpoint.h"
#include "gatehouse/issuer/client_catalog.h"
#include "gatehouse/issuer/key_ring.h"

namespace gatehouse::issuer {

/// Says what there is, and nothing more.
struct IssuerMetadata {
  std::string issuer;  ///< its URL, without a slash at the end
  std::vector<std::string> grants;
  std::vector<std::string> scopes;
  bool has_deny_feed = false;
};

/// The one document under both names. All addresses begin with the issuer's.
std::string write_metadata(const IssuerMetadata& metadata, const KeyRing& keys);

/// Where RFC 8414 §3.1 looks: "/.well-known/oauth-authorization-server" + the path of the issuer.
std::string authorization_server_metadata_path(const std::string& issuer);

/// GET answers, for anybody from any origin, cached as reference values say: `max-age`, a strong ETag, 304.
/// `scopes` of the document are those of `catalog`, as they are then.
http::Handler make_metadata_endpoint(IssuerMetadata metadata, const KeyRing& keys, ClientCatalog& catalog);
http::Handler make_key_set_endpoint(const KeyRing& keys);

}  // namespace gatehouse::issuer
