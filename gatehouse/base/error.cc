#include "gatehouse/base/error.h"

#include <fmt/format.h>

#include <utility>

namespace gatehouse {

// No `default:` in either switch: with -Werror=switch, adding a Failure without its words does not compile.
std::string_view code(Failure kind) noexcept {
  using enum Failure;
  switch (kind) {
    case malformed:
      return "malformed";
    case too_large:
      return "too_large";
    case duplicate_member:
      return "duplicate_member";
    case too_deep:
      return "too_deep";
    case claim_type_invalid:
      return "claim_type_invalid";
    case crit_unsupported:
      return "crit_unsupported";
    case no_signature:
      return "no_signature";
    case alg_not_allowed:
      return "alg_not_allowed";
    case key_not_found:
      return "key_not_found";
    case signature_invalid:
      return "signature_invalid";
    case key_invalid:
      return "key_invalid";
    case weak_key:
      return "weak_key";
    case decryption_failed:
      return "decryption_failed";
    case decompression_failed:
      return "decompression_failed";
    case expired:
      return "expired";
    case not_yet_valid:
      return "not_yet_valid";
    case no_expiration:
      return "no_expiration";
    case lifetime_invalid:
      return "lifetime_invalid";
    case audience_invalid:
      return "audience_invalid";
    case issuer_invalid:
      return "issuer_invalid";
    case type_invalid:
      return "type_invalid";
    case actor_invalid:
      return "actor_invalid";
    case replayed:
      return "replayed";
    case claim_missing:
      return "claim_missing";
    case revoked:
      return "revoked";
    case several_tokens:
      return "several_tokens";
    case refused:
      return "refused";
    case forbidden:
      return "forbidden";
    case credentials_invalid:
      return "credentials_invalid";
    case throttled:
      return "throttled";
    case password_refused:
      return "password_refused";
    case metadata_invalid:
      return "metadata_invalid";
    case metadata_unavailable:
      return "metadata_unavailable";
    case address_not_allowed:
      return "address_not_allowed";
    case overloaded:
      return "overloaded";
    case unavailable:
      return "unavailable";
    case not_found:
      return "not_found";
    case conflict:
      return "conflict";
    case configuration_invalid:
      return "configuration_invalid";
    case internal:
      return "internal";
  }
  std::unreachable();
}

namespace {

// The sentence alone, and how the subject joins it: "expired at …", "meant for audience …".
struct Sentence {
  std::string_view bare;
  std::string_view with_subject;  // one {} for the subject
};

Sentence sentence(Failure kind) noexcept {
  using enum Failure;
  switch (kind) {
    case malformed:
      return {"not a well-formed token", "not a well-formed token: {}"};
    case too_large:
      return {"larger than allowed", "larger than allowed: {}"};
    case duplicate_member:
      return {"names a member twice", "names the member '{}' twice"};
    case too_deep:
      return {"nested too deeply", "nested too deeply: {}"};
    case claim_type_invalid:
      return {"a claim has the wrong type", "the claim '{}' has the wrong type"};
    case crit_unsupported:
      return {"demands an unknown extension", "demands the unknown extension '{}'"};
    case no_signature:
      return {"carries no signature", "carries no signature: {}"};
    case alg_not_allowed:
      return {"the algorithm is not allowed", "the algorithm '{}' is not allowed"};
    case key_not_found:
      return {"signed with a key that is not known here", "signed with a key that is not known here: {}"};
    case signature_invalid:
      return {"the signature does not match", "the signature does not match: {}"};
    case key_invalid:
      return {"the key cannot be used", "the key cannot be used: {}"};
    case weak_key:
      return {"the key is too short", "the key is too short: {}"};
    case decryption_failed:
      return {"cannot be decrypted", "cannot be decrypted: {}"};
    case decompression_failed:
      return {"cannot be decompressed", "cannot be decompressed: {}"};
    case expired:
      return {"expired", "expired at {}"};
    case not_yet_valid:
      return {"not valid yet", "not valid before {}"};
    case no_expiration:
      return {"carries no expiration time", "carries no expiration time: {}"};
    case lifetime_invalid:
      return {"begins after it ends", "begins after it ends: {}"};
    case audience_invalid:
      return {"names no audience", "meant for audience {}"};
    case issuer_invalid:
      return {"names no issuer", "issued by {}, which is not trusted here"};
    case type_invalid:
      return {"has no type", "has type '{}', which is not accepted here"};
    case actor_invalid:
      return {"the actor token is not valid", "the actor token is not valid: {}"};
    case replayed:
      return {"was used before", "was used before: {}"};
    case claim_missing:
      return {"a required claim is missing", "the required claim '{}' is missing"};
    case revoked:
      return {"was revoked", "was revoked: {}"};
    case several_tokens:
      return {"came with more than one token", "came with more than one token: {}"};
    case refused:
      return {"refused by the application", "refused by the application: {}"};
    case forbidden:
      return {"not allowed", "not allowed: {}"};
    case credentials_invalid:
      return {"wrong name or password", "wrong name or password: {}"};
    case throttled:
      return {"too many attempts", "too many attempts; the next one in {} s"};
    case password_refused:
      return {"choose another password", "choose another password: {}"};
    case metadata_invalid:
      return {"the authority's document cannot be used", "the authority's document cannot be used: {}"};
    case metadata_unavailable:
      return {"no signing keys from the authority", "no signing keys from {}"};
    case address_not_allowed:
      return {"the address is not allowed", "the address {} is not allowed"};
    case overloaded:
      return {"too busy; try again", "too busy; try again: {}"};
    case unavailable:
      return {"not available; try again", "not available; try again: {}"};
    case not_found:
      return {"not found", "not found: {}"};
    case conflict:
      return {"in conflict with what exists", "in conflict with what exists: {}"};
    case configuration_invalid:
      return {"the configuration is wrong", "{}"};
    case internal:
      return {"an internal error", "an internal error: {}"};
  }
  std::unreachable();
}

}  // namespace

std::string describe(const Error& error) {
  const Sentence words = sentence(error.kind);
  if (error.subject.empty()) return std::string(words.bare);
  return fmt::format(fmt::runtime(words.with_subject), error.subject);
}

}  // namespace gatehouse
