#include "gatehouse/jose/jws.h"

#include <array>
#include <utility>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"

namespace gatehouse::jose {

namespace {

Result<Header> read_header(std::string_view segment, Leniency leniency) {
  SmallOctets<512> octets(base64url::decoded_size(segment.size()));
  if (segment.empty() || !base64url::decode_to(segment, octets.data()))
    return fail(Failure::malformed, "header");
  return parse_header(octets, leniency);
}

// The tokens of one key all begin with the same characters. Those of the last few keys are kept with what
// they say: equal characters mean an equal header.
class HeadersOfThread {
 public:
  Result<std::shared_ptr<const Header>> find(std::string_view segment, Leniency leniency) {
    for (const Known& known : known_)
      if (known.header && known.leniency == leniency && known.segment == segment) return known.header;
    GH_TRY(Header header, read_header(segment, leniency));
    Known& oldest = known_[std::exchange(oldest_, (oldest_ + 1) % known_.size())];
    oldest = {.segment = std::string(segment),
              .leniency = leniency,
              .header = std::make_shared<const Header>(std::move(header))};
    return oldest.header;
  }

 private:
  struct Known {
    std::string segment;
    Leniency leniency = Leniency::none;
    std::shared_ptr<const Header> header;
  };
  std::array<Known, 4> known_;
  std::size_t oldest_ = 0;
};

}  // namespace

Result<Jws> parse_jws(std::string_view compact, Leniency leniency) {
  const std::size_t first = compact.find('.');
  const std::size_t second = first == compact.npos ? first : compact.find('.', first + 1);
  if (second == compact.npos || compact.find('.', second + 1) != compact.npos)
    return fail(Failure::malformed, "segments");
  thread_local HeadersOfThread headers;
  GH_TRY(std::shared_ptr<const Header> header, headers.find(compact.substr(0, first), leniency));
  if (!header->enc.empty()) return fail(Failure::malformed, "enc");  // of a JWE (RFC 7516 §9)

  const std::string_view text = compact.substr(second + 1);
  Result<Jws> jws(std::in_place);
  jws->signature.resize(base64url::decoded_size(text.size()));
  if (!base64url::decode_to(text, jws->signature.data())) {
    if (leniency == Leniency::none) return fail(Failure::malformed, "signature");
    jws->signature.clear();
  }
  jws->header = std::move(header);
  jws->signing_input = compact.substr(0, second);
  jws->payload = compact.substr(first + 1, second - first - 1);
  jws->is_signed = !text.empty();
  return jws;
}

Result<std::string> sign_compact(std::string_view payload, const Key& key, Algorithm algorithm,
                                 std::string_view typ) {
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
