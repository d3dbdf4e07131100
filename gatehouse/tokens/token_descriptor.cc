#include "gatehouse/tokens/token_descriptor.h"

#include <algorithm>
#include <array>

#include "gatehouse/base/json.h"
#include "gatehouse/base/random.h"
#include "gatehouse/jose/jwe.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::tokens {
namespace {

constexpr std::array<std::string_view, 7> registered = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"};

Result<void> check(const TokenDescriptor& descriptor) {
  if (descriptor.expires <= descriptor.not_before)
    return fail(Failure::lifetime_invalid,
                format_instant(descriptor.not_before) + '/' + format_instant(descriptor.expires));
  const auto& claims = descriptor.claims;
  for (auto claim = claims.begin(); claim != claims.end(); ++claim) {
    const bool is_registered = std::ranges::find(registered, claim->first) != registered.end();
    const bool is_twice =
        std::any_of(claims.begin(), claim, [&](const auto& other) { return other.first == claim->first; });
    if (is_registered || is_twice) return fail(Failure::duplicate_member, claim->first);
  }
  return {};
}

void write_list(json::Writer& writer, const std::vector<std::string>& list) {
  writer.begin_array();
  for (const std::string& entry : list) writer.value(entry);
  writer.end_array();
}

void write_value(json::Writer& writer, const ClaimValue& value) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return write_list(writer, *list);
  if (const auto* text = std::get_if<std::string>(&value)) writer.value(*text);
  if (const auto* number = std::get_if<std::int64_t>(&value)) writer.value(*number);
  if (const auto* flag = std::get_if<bool>(&value)) writer.value(*flag);
  if (const auto* json = std::get_if<RawJson>(&value)) writer.raw(json->text);
}

std::string payload_of(const TokenDescriptor& descriptor) {
  json::Writer writer;
  writer.begin_object().member("iss", descriptor.issuer).name("aud");
  if (descriptor.audiences.size() == 1)
    writer.value(descriptor.audiences.front());
  else
    write_list(writer, descriptor.audiences);
  writer.member("sub", descriptor.subject)
      .member("jti", descriptor.id.empty() ? random_text() : descriptor.id);
  writer.member("iat", to_unix_seconds(descriptor.issued_at))
      .member("nbf", to_unix_seconds(descriptor.not_before));
  writer.member("exp", to_unix_seconds(descriptor.expires));
  for (const auto& [name, value] : descriptor.claims) {
    writer.name(name);
    write_value(writer, value);
  }
  writer.end_object();
  return std::move(writer).take();
}

}  // namespace

TokenDescriptor with_default_times(TokenDescriptor descriptor, Instant now, Seconds lifetime) {
  const auto fill = [](Instant& time, Instant value) {
    if (time == Instant()) time = value;
  };
  fill(descriptor.issued_at, now);
  fill(descriptor.not_before, now);
  fill(descriptor.expires, descriptor.not_before + lifetime);
  return descriptor;
}

Result<std::string> write(const TokenDescriptor& descriptor, const jose::Key& key,
                          jose::Algorithm algorithm) {
  GH_CHECK(check(descriptor));
  return jose::sign_compact(payload_of(descriptor), key, algorithm, descriptor.type);
}

Result<std::string> write(const TokenDescriptor& descriptor, const jose::Key& key, jose::Algorithm algorithm,
                          const EncryptingCredentials& encryption) {
  GH_TRY(const std::string inner, write(descriptor, key, algorithm));
  return jose::encrypt(inner, encryption.key, encryption.algorithm, encryption.content,
                       {.typ = descriptor.type, .cty = "JWT"});
}

Result<std::string> write_encrypted(const TokenDescriptor& descriptor,
                                    const EncryptingCredentials& encryption) {
  GH_CHECK(check(descriptor));
  return jose::encrypt(payload_of(descriptor), encryption.key, encryption.algorithm, encryption.content,
                       {.typ = descriptor.type});
}

}  // namespace gatehouse::tokens
