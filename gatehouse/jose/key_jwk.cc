#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <vector>

#include "gatehouse/base/base64url.h"
#include "gatehouse/jose/key.h"
#include "gatehouse/jose/key_material.h"
#include "gatehouse/jose/key_numbers.h"

namespace gatehouse::jose {
namespace {

using OwnedNumber = std::unique_ptr<BIGNUM, Deleter<BN_clear_free>>;
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
  GH_TRY(std::string octets, read_octets(jwk, name));
  OwnedNumber number(BN_bin2bn(octets_of(octets), static_cast<int>(octets.size()), nullptr));
  wipe(octets);
  return number;
}

Result<OwnedPkey> make_pkey(const char* type, OSSL_PARAM_BLD* builder, bool is_private) {
  const OwnedParameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const OwnedContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  const int selection = is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, selection, parameters.get()) != 1)
    return invalid("the numbers are no key");
  OwnedPkey pkey(made);
  const OwnedContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, pkey.get(), nullptr));
  if (EVP_PKEY_public_check(check.get()) != 1) return invalid("the public numbers are no key");
  if (is_private && EVP_PKEY_pairwise_check(check.get()) != 1)
    return invalid("the private number does not belong to the public ones");
  return pkey;
}

// RSA (RFC 7518 §6.3). An even or tiny exponent, or an even modulus, is no key at all (CVE-2006-4339 and its kin).
Result<OwnedPkey> read_rsa(const json::Value& jwk, bool& is_private) {
  GH_TRY(const OwnedNumber n, read_number(jwk, "n"));
  GH_TRY(const OwnedNumber e, read_number(jwk, "e"));
  if (!BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > 64)
    return invalid("'n' or 'e' is no RSA number");
  if (BN_num_bits(n.get()) < 512 || BN_num_bits(n.get()) > 16'384) return invalid("'n' has an unusable size");

  const OwnedBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
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
  const bool has_primes = jwk.find("p").has_value();
  std::vector<OwnedNumber> numbers;  // the builder only borrows them
  for (const auto& [member, parameter] : parts) {
    if (member != "d" && !has_primes) break;
    GH_TRY(OwnedNumber number, read_number(jwk, member));
    OSSL_PARAM_BLD_push_BN(builder.get(), parameter, number.get());
    numbers.push_back(std::move(number));
  }
  return make_pkey("RSA", builder.get(), true);
}

struct CurveRow {
  std::string_view name;
  const char* group;
  Curve curve;
};
constexpr std::array<CurveRow, 3> curves = {{{"P-256", "prime256v1", Curve::p256},
                                             {"P-384", "secp384r1", Curve::p384},
                                             {"P-521", "secp521r1", Curve::p521}}};

// EC (RFC 7518 §6.2). That the point lies on the curve is checked by make_pkey (CVE-2017-16007).
Result<OwnedPkey> read_ec(const json::Value& jwk, bool& is_private) {
  const auto name = jwk.find_string("crv");
  const auto row = std::ranges::find(curves, name.value_or(""), &CurveRow::name);
  if (row == curves.end()) return invalid("'crv' is none of P-256, P-384 and P-521");
  GH_TRY(const std::string x, read_octets(jwk, "x"));
  GH_TRY(const std::string y, read_octets(jwk, "y"));
  const std::size_t length = coordinate_octets(row->curve);
  if (x.size() != length || y.size() != length) return invalid("'x' or 'y' is not of full length");

  const std::string point = "\x04" + x + y;
  const OwnedBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, row->group, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  is_private = jwk.find("d").has_value();
  if (!is_private) return make_pkey("EC", builder.get(), false);

  GH_TRY(std::string octets, read_octets(jwk, "d"));
  if (octets.size() != length) return invalid("'d' is not of full length");
  const OwnedNumber d(BN_bin2bn(octets_of(octets), static_cast<int>(octets.size()), nullptr));
  wipe(octets);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get());
  return make_pkey("EC", builder.get(), true);
}

Result<std::string> read_text(const json::Value& jwk, std::string_view name) {
  const auto value = jwk.find(name);
  if (!value) return std::string();
  if (!value->is_string()) return invalid("'" + std::string(name) + "' is no string");
  return std::string(value->as_string());
}

// What the key says of its own use (RFC 7517 §4.2–§4.4).
Result<void> read_uses(const json::Value& jwk, KeyMaterial& material) {
  GH_TRY(material.use, read_text(jwk, "use"));
  GH_TRY(const std::string algorithm, read_text(jwk, "alg"));
  material.declared_algorithm = parse_algorithm(algorithm);
  material.declares_other_algorithm = !algorithm.empty() && !material.declared_algorithm;
  const auto operations = jwk.find("key_ops");
  if (!operations) return {};
  if (!operations->is_array()) return invalid("'key_ops' is no array");
  for (const json::Value operation : *operations) {
    if (!operation.is_string()) return invalid("'key_ops' holds something else than strings");
    material.operations.emplace_back(operation.as_string());
  }
  return {};
}

// `x5c` is base64 with padding and the standard alphabet, unlike everything around it (RFC 7517 §4.7).
std::optional<std::string> decode_base64(std::string_view text) {
  std::string url(text);
  std::ranges::replace(url, '+', '-');
  std::ranges::replace(url, '/', '_');
  while (url.ends_with('=')) url.pop_back();
  return base64url::decode(url);
}

// A certificate that speaks of another key would lend its name and dates to this one.
Result<void> read_x5c(const json::Value& jwk, KeyMaterial& material) {
  const auto chain = jwk.find("x5c");
  if (!chain) return {};
  if (!chain->is_array() || chain->size() == 0 || !(*chain->begin()).is_string()) return invalid("'x5c' is no chain");
  const auto der = decode_base64((*chain->begin()).as_string());
  if (!der) return invalid("'x5c' is no base64");
  GH_TRY(const OwnedPkey certified, read_certificate(material, *der, nullptr));
  if (EVP_PKEY_eq(certified.get(), material.pkey.get()) != 1) return invalid("'x5c' certifies another key");
  return {};
}

}  // namespace

std::string number_of(const EVP_PKEY* pkey, const char* parameter) {
  BIGNUM* number = nullptr;
  EVP_PKEY_get_bn_param(pkey, parameter, &number);
  const OwnedNumber owned(number);
  std::string octets(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(octets.data()));
  return base64url::encode(octets);
}

std::pair<std::string, std::string> point_of(const EVP_PKEY* pkey, Curve curve) {
  const auto coordinate = [&](const char* parameter) {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(pkey, parameter, &number);
    const OwnedNumber owned(number);
    std::string octets(coordinate_octets(curve), '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(octets.data()), static_cast<int>(octets.size()));
    return base64url::encode(octets);
  };
  return {coordinate(OSSL_PKEY_PARAM_EC_PUB_X), coordinate(OSSL_PKEY_PARAM_EC_PUB_Y)};
}

Result<Key> Key::from_jwk(const json::Value& jwk) {
  if (!jwk.is_object()) return fail(Failure::malformed, "a JWK is a JSON object");
  const auto type = jwk.find_string("kty");
  if (!type) return invalid("'kty' is missing");
  GH_TRY(std::string kid, read_text(jwk, "kid"));
  if (kid.size() > 256) return fail(Failure::too_large, "kid");

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
  if (*type != "RSA" && *type != "EC") return invalid("'kty' is none of oct, RSA and EC");
  bool is_private = false;
  GH_TRY(OwnedPkey pkey, *type == "RSA" ? read_rsa(jwk, is_private) : read_ec(jwk, is_private));
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
