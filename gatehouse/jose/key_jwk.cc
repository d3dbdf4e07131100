#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/key.h"
#include "gatehouse/jose/key_material.h"
#include "gatehouse/jose/key_numbers.h"

namespace gatehouse::jose {
namespace {

using OwnedBuilder = std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>>;
using OwnedParameters = std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>>;
using OwnedContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;

std::unexpected<Error> invalid(std::string why) { return fail(Failure::key_invalid, std::move(why)); }

const unsigned char* octets_of(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<std::string> read_octets(const json::Value& jwk, std::string_view name) {
  const auto text = jwk.find_string(name);
  if (!text) return invalid("'" + std::string(name) + "' is missing or no string");
  auto octets = base64url::decode(*text);
  if (!octets || octets->empty()) return invalid("'" + std::string(name) + "' is no base64url");
  return *std::move(octets);
}

Result<OwnedNumber> read_number(const json::Value& jwk, std::string_view name) {
  GH_TRY(const std::string octets, read_octets(jwk, name));
  OwnedNumber number(require_memory(BN_bin2bn(octets_of(octets), static_cast<int>(octets.size()), nullptr)));
  return number;
}

// Secure numbers are wiped wherever OpenSSL copies them to.
OwnedNumber private_number(std::string& octets) {
  OwnedNumber number(BN_secure_new());
  const bool is_read =
      number && BN_bin2bn(octets_of(octets), static_cast<int>(octets.size()), number.get()) != nullptr;
  wipe(octets);
  require_memory(is_read);
  return number;
}

Result<OwnedPkey> make_pkey(const char* type, OSSL_PARAM_BLD* builder, bool is_private) {
  const OwnedParameters parameters(require_memory(OSSL_PARAM_BLD_to_param(builder)));
  const OwnedContext context(require_memory(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr)));
  EVP_PKEY* made = nullptr;
  const int selection = is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, selection, parameters.get()) != 1) {
    ERR_clear_error();
    return invalid("the numbers are no key");
  }
  return OwnedPkey(made);
}

// RSA (RFC 7518 §6.3): of the members after `d`, all or none (§6.3.2).
Result<OwnedPkey> read_rsa(const json::Value& jwk, bool& is_private) {
  GH_TRY(const OwnedNumber n, read_number(jwk, "n"));
  GH_TRY(const OwnedNumber e, read_number(jwk, "e"));
  const OwnedBuilder builder(require_memory(OSSL_PARAM_BLD_new()));
  require_memory(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1);
  require_memory(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1);
  is_private = jwk.find("d").has_value();
  if (!is_private) return make_pkey("RSA", builder.get(), false);
  if (jwk.find("oth")) return invalid("more than two primes");

  struct Part {
    std::string_view member;
    const char* parameter;
  };
  constexpr std::array<Part, 6> parts = {{{"d", OSSL_PKEY_PARAM_RSA_D},
                                          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
                                          {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},
                                          {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
                                          {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2},
                                          {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1}}};
  const bool has_primes = std::ranges::any_of(
      parts, [&](const Part& part) { return part.member != "d" && jwk.find(part.member); });
  std::vector<OwnedNumber> numbers;  // the builder only borrows them
  for (const auto& [member, parameter] : parts) {
    if (member != "d" && !has_primes) break;
    GH_TRY(std::string octets, read_octets(jwk, member));
    numbers.push_back(private_number(octets));
    require_memory(OSSL_PARAM_BLD_push_BN(builder.get(), parameter, numbers.back().get()) == 1);
  }
  return make_pkey("RSA", builder.get(), true);
}

Result<CurveTraits> read_curve(const json::Value& jwk, KeyType type) {
  const auto name = jwk.find_string("crv");
  const auto row = std::ranges::find(curves(), name.value_or(""), &CurveTraits::name);
  if (row == curves().end() || row->key_type != type)
    return invalid("'crv' is none that is known for this 'kty'");
  return *row;
}

// EC (RFC 7518 §6.2). That the point lies on the curve is checked by adopt() (CVE-2017-16007).
Result<OwnedPkey> read_ec(const json::Value& jwk, bool& is_private) {
  GH_TRY(const CurveTraits row, read_curve(jwk, KeyType::ec));
  GH_TRY(const std::string x, read_octets(jwk, "x"));
  GH_TRY(const std::string y, read_octets(jwk, "y"));
  if (x.size() != row.octets || y.size() != row.octets) return invalid("'x' or 'y' is not of full length");

  const std::string point = "\x04" + x + y;
  const OwnedBuilder builder(require_memory(OSSL_PARAM_BLD_new()));
  require_memory(
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, row.openssl_name, 0) == 1);
  require_memory(OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                                  point.size()) == 1);
  is_private = jwk.find("d").has_value();
  if (!is_private) return make_pkey("EC", builder.get(), false);

  GH_TRY(std::string octets, read_octets(jwk, "d"));
  if (octets.size() != row.octets) return invalid("'d' is not of full length");
  const OwnedNumber d = private_number(octets);
  require_memory(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) == 1);
  return make_pkey("EC", builder.get(), true);
}

// OKP (RFC 8037 §2). The private octets alone make the pair, so `x` has to be the one they make: a signature
// under another public key gives the private one away.
Result<OwnedPkey> read_okp(const json::Value& jwk, bool& is_private) {
  GH_TRY(const CurveTraits row, read_curve(jwk, KeyType::okp));
  GH_TRY(const std::string x, read_octets(jwk, "x"));
  if (x.size() != row.octets) return invalid("'x' is not of full length");
  is_private = jwk.find("d").has_value();
  if (!is_private)
    return OwnedPkey(
        EVP_PKEY_new_raw_public_key_ex(nullptr, row.openssl_name, nullptr, octets_of(x), x.size()));

  GH_TRY(std::string d, read_octets(jwk, "d"));
  const bool is_whole = d.size() == row.octets;
  OwnedPkey pkey(
      is_whole ? EVP_PKEY_new_raw_private_key_ex(nullptr, row.openssl_name, nullptr, octets_of(d), d.size())
               : nullptr);
  wipe(d);
  if (!pkey) return invalid("'d' is not of full length");
  if (raw_public_key(pkey.get()) != x)
    return invalid("the private number does not belong to the public ones");
  return pkey;
}

Result<std::string> read_text(const json::Value& jwk, std::string_view name) {
  const auto value = jwk.find(name);
  if (!value) return std::string();
  if (!value->is_string()) return invalid("'" + std::string(name) + "' is no string");
  return std::string(value->as_string());
}

// What the key says of its own use (RFC 7517 §4.2–§4.4), and whose tokens it is for.
Result<void> read_uses(const json::Value& jwk, KeyMaterial& material) {
  GH_TRY(material.use, read_text(jwk, "use"));
  GH_TRY(material.algorithm_name, read_text(jwk, "alg"));
  material.declared_algorithm = parse_algorithm(material.algorithm_name);
  GH_TRY(material.issuer, read_text(jwk, "issuer"));
  const auto operations = jwk.find("key_ops");
  if (!operations) return {};
  if (!operations->is_array()) return invalid("'key_ops' is no array");
  for (const json::Value operation : *operations) {
    if (!operation.is_string()) return invalid("'key_ops' holds something else than strings");
    if (std::ranges::find(material.operations, operation.as_string()) != material.operations.end())
      return invalid("'key_ops' names an operation twice");
    material.operations.emplace_back(operation.as_string());
  }
  return {};
}

// `x5c` is base64 with padding and the standard alphabet, unlike everything around it (RFC 7517 §4.7).
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.find_first_of("-_") != text.npos) return std::nullopt;
  std::string url(text.substr(0, text.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0)));
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  return base64url::decode(url);
}

// Some authorities publish the thumbprint's hex digits, encoded once more, as `x5t`.
bool is_thumbprint(std::string_view stated, std::string_view actual, std::string_view hex) {
  return stated.empty() || stated == actual || stated == base64url::encode(hex);
}

// A certificate that speaks of another key would lend its name and dates to this one. What the JWK itself
// says is kept, as that is what its tokens say.
Result<void> read_x5c(const json::Value& jwk, KeyMaterial& material) {
  constexpr std::size_t longest_chain = 10;
  const auto chain = jwk.find("x5c");
  if (!chain) return {};
  if (!chain->is_array() || chain->size() == 0 || chain->size() > longest_chain ||
      !(*chain->begin()).is_string())
    return invalid("'x5c' is no chain");
  const auto der = decode_base64((*chain->begin()).as_string());
  if (!der) return invalid("'x5c' is no base64");
  const std::string x5t = std::exchange(material.x5t, {});
  const std::string x5t_s256 = std::exchange(material.x5t_s256, {});
  std::string hex;
  GH_TRY(const OwnedPkey certified, read_certificate(material, *der, &hex));
  if (EVP_PKEY_eq(certified.get(), material.pkey.get()) != 1) return invalid("'x5c' certifies another key");
  if (!is_thumbprint(x5t, material.x5t, hex) || (!x5t_s256.empty() && x5t_s256 != material.x5t_s256))
    return invalid("'x5t' is another certificate's");
  if (!x5t.empty()) material.x5t = x5t;
  return {};
}

Result<OwnedPkey> read_pkey(std::string_view type, const json::Value& jwk, bool& is_private) {
  if (type == "RSA") return read_rsa(jwk, is_private);
  if (type == "EC") return read_ec(jwk, is_private);
  if (type == "OKP") return read_okp(jwk, is_private);
  return invalid("'kty' is none of oct, RSA, EC and OKP");
}

}  // namespace

std::string raw_public_key(const EVP_PKEY* pkey) {
  std::array<unsigned char, 57> octets{};
  std::size_t size = octets.size();
  if (EVP_PKEY_get_raw_public_key(pkey, octets.data(), &size) != 1) return {};
  return {reinterpret_cast<const char*>(octets.data()), size};
}

Result<Key> Key::from_jwk(const json::Value& jwk) {
  if (!jwk.is_object()) return fail(Failure::malformed, "a JWK is a JSON object");
  const auto type = jwk.find_string("kty");
  if (!type) return invalid("'kty' is missing");
  GH_TRY(std::string kid, read_text(jwk, "kid"));
  if (kid.size() > 256) return invalid("'kid' is longer than 256 octets");

  auto material = std::make_shared<KeyMaterial>();
  GH_CHECK(read_uses(jwk, *material));
  if (*type == "oct") {
    GH_TRY(std::string secret, read_octets(jwk, "k"));
    material->secret = Secret(secret);
    wipe(secret);
    material->bits = material->secret.size() * 8;
    material->is_private = true;
    return Key(std::move(material)).with_kid(std::move(kid));
  }
  bool is_private = false;
  GH_TRY(OwnedPkey pkey, read_pkey(*type, jwk, is_private));
  GH_CHECK(adopt(*material, std::move(pkey), is_private));
  GH_TRY(material->x5t, read_text(jwk, "x5t"));
  GH_TRY(material->x5t_s256, read_text(jwk, "x5t#S256"));
  GH_CHECK(read_x5c(jwk, *material));
  return Key(std::move(material)).with_kid(std::move(kid));
}

Result<Key> Key::from_jwk(std::string_view jwk_text) {
  json::Parser parser;
  GH_TRY(const json::Value jwk, parser.parse(jwk_text));
  return from_jwk(jwk);
}

}  // namespace gatehouse::jose
