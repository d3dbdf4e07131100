#include "tests/golden/runner/failure_table.h"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace gatehouse::golden {
namespace {

using enum Failure;

struct CodeRow {
  std::string_view idx;
  Failure kind;
};

constexpr std::array codes = {CodeRow{"IDX10204", issuer_invalid},
                              CodeRow{"IDX10205", issuer_invalid},
                              CodeRow{"IDX10211", issuer_invalid},
                              CodeRow{"IDX10206", audience_invalid},
                              CodeRow{"IDX10208", audience_invalid},
                              CodeRow{"IDX10214", audience_invalid},
                              CodeRow{"IDX10209", too_large},
                              CodeRow{"IDX10222", not_yet_valid},
                              CodeRow{"IDX10223", expired},
                              CodeRow{"IDX10224", lifetime_invalid},
                              CodeRow{"IDX10225", no_expiration},
                              CodeRow{"IDX10227", no_expiration},
                              CodeRow{"IDX10228", replayed},
                              CodeRow{"IDX10248", key_invalid},
                              CodeRow{"IDX10249", key_invalid},
                              CodeRow{"IDX10256", type_invalid},
                              CodeRow{"IDX10257", type_invalid},
                              CodeRow{"IDX10500", key_not_found},
                              CodeRow{"IDX10503", key_not_found},
                              CodeRow{"IDX10517", key_not_found},
                              CodeRow{"IDX10504", no_signature},
                              CodeRow{"IDX10511", signature_invalid},
                              CodeRow{"IDX10603", decryption_failed},
                              CodeRow{"IDX10609", decryption_failed},
                              CodeRow{"IDX10612", decryption_failed},
                              CodeRow{"IDX10619", decryption_failed},
                              CodeRow{"IDX10679", decompression_failed},
                              CodeRow{"IDX14100", malformed},
                              CodeRow{"IDX14101", malformed},
                              CodeRow{"IDX14102", malformed},
                              CodeRow{"IDX14112", malformed},
                              CodeRow{"IDX14120", malformed},
                              CodeRow{"IDX14121", malformed},
                              CodeRow{"IDX14122", malformed},
                              CodeRow{"IDX14306", malformed},
                              CodeRow{"IDX14307", malformed},
                              CodeRow{"IDX14308", malformed},
                              CodeRow{"IDX14309", malformed},
                              CodeRow{"IDX14310", malformed}};

bool is_malformed(Failure kind) noexcept {
  return kind == malformed || kind == duplicate_member || kind == claim_type_invalid || kind == too_deep ||
         kind == crit_unsupported;
}

bool is_one_of(Failure kind, std::initializer_list<Failure> kinds) noexcept {
  return std::ranges::find(kinds, kind) != kinds.end();
}

}  // namespace

bool is_same_failure(std::string_view type, std::string_view idx, Failure kind) noexcept {
  if (idx.empty()) return is_same_exception(type, kind);
  const auto row = std::ranges::find(codes, idx, &CodeRow::idx);
  if (row == codes.end()) return false;
  return row->kind == malformed ? is_malformed(kind) : row->kind == kind;
}

bool is_same_exception(std::string_view type, Failure kind) noexcept {
  if (type == "AuthenticationFailureException") return kind == refused;
  if (type == "InvalidOperationException" || type == "ArgumentNullException")
    return kind == internal || is_malformed(kind);
  if (type == "ArgumentException" || type == "SecurityTokenMalformedException") return is_malformed(kind);
  if (type == "NullReferenceException") return kind == decryption_failed;
  if (type == "SecurityTokenExpiredException") return kind == expired;
  if (type == "SecurityTokenNotYetValidException") return kind == not_yet_valid;
  if (type == "SecurityTokenInvalidLifetimeException") return kind == lifetime_invalid;
  if (type == "SecurityTokenNoExpirationException") return kind == no_expiration;
  if (type == "SecurityTokenInvalidAudienceException") return kind == audience_invalid;
  if (type == "SecurityTokenInvalidIssuerException") return kind == issuer_invalid;
  if (type == "SecurityTokenInvalidTypeException") return kind == type_invalid;
  if (type == "SecurityTokenSignatureKeyNotFoundException") return kind == key_not_found;
  if (type == "SecurityTokenInvalidSignatureException")
    return is_one_of(kind, {signature_invalid, no_signature});
  return false;
}

}  // namespace gatehouse::golden
