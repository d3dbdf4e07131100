#include "gatehouse/jose/jws.h"

#include <array>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"

namespace gatehouse::jose {

Result<Jws> parse_jws(std::string_view compact, Leniency leniency) {
  const std::size_t first = compact.find('.');
  const std::size_t second = first == compact.npos ? first : compact.find('.', first + 1);
  if (second == compact.npos || compact.find('.', second + 1) != compact.npos)
    return fail(Failure::malformed, "segments");
  const std::string_view head = compact.substr(0, first);
  const auto header_octets = base64url::decode(head);
  if (head.empty() || !header_octets) return fail(Failure::malformed, "header");
  GH_TRY(Header header, parse_header(*header_octets, leniency));
  auto signature = base64url::decode(compact.substr(second + 1));
  if (!signature && leniency == Leniency::none) return fail(Failure::malformed, "signature");
  return Jws{.header = std::move(header),
             .signing_input = compact.substr(0, second),
             .payload = compact.substr(first + 1, second - first - 1),
             .signature = std::move(signature).value_or(""),
             .is_signed = second + 1 < compact.size()};
}

Result<std::string> sign_compact(std::string_view payload, const Key& key, Algorithm algorithm, std::string_view typ) {
  json::Writer header;
  header.begin_object().member("alg", name(algorithm));
  if (!typ.empty()) header.member("typ", typ);
  if (!key.kid().empty()) header.member("kid", key.kid());
  header.end_object();

  std::string token = base64url::encode(header.text());
  token += '.';
  base64url::append(token, payload);
  GH_TRY(const std::string signature, sign(token, key, algorithm));
  token += '.';
  base64url::append(token, signature);
  return token;
}

}  // namespace gatehouse::jose
