#include "gatehouse/discovery/metadata.h"

#include <fmt/format.h>

#include "gatehouse/base/ip_address.h"
#include "gatehouse/base/json.h"

namespace gatehouse::discovery {
namespace {

constexpr std::size_t largest_document = 512 * 1024;

std::unexpected<Error> invalid(std::string why) { return fail(Failure::metadata_invalid, std::move(why)); }

bool is_usual_port(const Url& url, const Url& authority) {
  return url.port == authority.port || url.port == 80 || url.port == 443 || url.port >= 1024;
}

// A document decides where this host connects to: never to itself or its own network, unless the operator
// said so (CWE-918). Names are judged when they are resolved.
bool is_reachable(const Url& url, const MetadataRules& rules) {
  const auto address = IpAddress::parse(url.host);
  return !address || address->is_public() || rules.allow_private || url.host == rules.address.host;
}

Result<Url> read_jwks_uri(const json::Value& document, const MetadataRules& rules) {
  const auto text = document.find_string("jwks_uri");
  if (!text) return invalid("it has no 'jwks_uri'");
  auto url = Url::parse(*text);
  if (!url) return invalid("its 'jwks_uri' is no address: " + url.error().subject);
  if (rules.require_https && !url->is_https())
    return invalid(fmt::format("its 'jwks_uri' is {}, and require_https_metadata wants https", url->text()));
  if (!is_usual_port(*url, rules.address))
    return invalid(fmt::format("its 'jwks_uri' names port {}, where no key set is", url->port));
  if (!is_reachable(*url, rules))
    return invalid(fmt::format(
        "its 'jwks_uri' names {}, which is not public; set allow_private_addresses if it is meant",
        url->host));
  return url;
}

}  // namespace

Result<Metadata> parse_metadata(std::string_view document, const MetadataRules& rules) {
  json::Parser parser;
  const auto root = parser.parse(document, {.octets = largest_document});
  if (!root) return invalid("it is no JSON that can be read: " + describe(root.error()));
  if (!root->is_object()) return invalid("it is no JSON object");
  const auto issuer = root->find_string("issuer");
  if (!issuer || issuer->empty()) return invalid("it has no 'issuer'");
  if (!rules.issuer.empty() && *issuer != rules.issuer)
    return invalid(
        fmt::format("its issuer is '{}', and '{}' was asked; they have to be the same letter by letter",
                    *issuer, rules.issuer));
  GH_TRY(Url jwks_uri, read_jwks_uri(*root, rules));
  return Metadata{.issuer = std::string(*issuer), .jwks_uri = std::move(jwks_uri)};
}

Result<jose::KeySet> parse_key_set(std::string_view document) {
  auto keys = jose::KeySet::parse(document);
  if (!keys) return invalid("it is no key set: " + describe(keys.error()));
  if (keys->has_private()) return invalid("it holds a private key, which is lost with that");
  if (keys->empty())
    return invalid(fmt::format("it has no key that verifies signatures, and {} others", keys->skipped()));
  return keys;
}

}  // namespace gatehouse::discovery
