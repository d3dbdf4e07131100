#include "gatehouse/base/advice.h"

#include <utility>

namespace gatehouse {

// No `default:`: with -Werror=switch, a Failure without advice does not compile.
std::string_view advice(Failure kind) noexcept {
  using enum Failure;
  switch (kind) {
    case malformed:
      return "Look at what the client sends: a cut token, an opaque one, or the word `Bearer` twice.";
    case too_large:
      return "Put less into the token; or raise the cap that the log names, such as `maximum_token_size`.";
    case duplicate_member:
      return "The issuer has to write each member once.";
    case too_deep:
      return "The issuer has to write flatter claims.";
    case claim_type_invalid:
      return "The issuer has to write that claim with the type of RFC 7519; dates are numbers, not strings.";
    case crit_unsupported:
      return "Have the issuer leave `crit` and `b64` out: no extension is processed here.";
    case no_signature:
      return "Never switch this off. The issuer has to sign, with another `alg` than `none`.";
    case alg_not_allowed:
      return "Compare `alg` with `valid_algorithms` and with the type of your key: an HMAC token is no match "
             "for a public key.";
    case key_not_found:
      return "Give your key the `kid` that the token names, or add the issuer's new key.";
    case signature_invalid:
      return "The key is not the one the token was signed with: check that both sides read the same file or "
             "secret.";
    case key_invalid:
      return "Read the subject: the key's text is damaged, it is encrypted, or its certificate is not valid "
             "now.";
    case weak_key:
      return "Make a longer key: RSA from 2048 bits, an HMAC secret as long as its hash.";
    case decryption_failed:
      return "Encrypt with the key that this service decrypts with. Which step failed is not told, on "
             "purpose.";
    case decompression_failed:
      return "Have the issuer leave `zip` out.";
    case expired:
      return "The client has to fetch a new token. If tokens are fresh, compare the clocks of both machines.";
    case not_yet_valid:
      return "Compare the clocks of both machines; `clock_skew` is 60 s.";
    case no_expiration:
      return "The issuer has to write `exp`.";
    case lifetime_invalid:
      return "The issuer's dates contradict each other, or it issues in the future: check its clock.";
    case audience_invalid:
      return "The client asked for a token for another API; or `valid_audience` is not what the issuer "
             "writes.";
    case issuer_invalid:
      return "Compare `valid_issuer` with `iss`, character by character: a slash at the end counts.";
    case type_invalid:
      return "The client sent another kind of token, often an ID token; or list the `typ` in `valid_types`.";
    case actor_invalid:
      return "The token in `actort` has to validate by itself, under `actor_validation_parameters`.";
    case replayed:
      return "The client has to fetch a new token for each use; a retry with the same one is refused.";
    case claim_missing:
      return "The issuer has to write the claim that the log names: `required_claims` or `rfc9068` asks for "
             "it.";
    case revoked:
      return "The client has to log in again.";
    case several_tokens:
      return "The client has to send one token, in one place.";
    case refused:
      return "A hook of your application said so; the log has its reason.";
    case forbidden:
      return "Give the caller the role, claim or scope that the log names under `expected`; or change the "
             "policy.";
    case credentials_invalid:
      return "Which of the two is wrong is never said.";
    case throttled:
      return "Wait as long as Retry-After says; if many honest callers share one address, raise the limit of "
             "the network.";
    case password_refused:
      return "Show the sentence to the user; `PasswordPolicyOptions` has the rules.";
    case metadata_invalid:
      return "Open the authority's document: it has to name its own issuer, and at least one key.";
    case metadata_unavailable:
      return "Check that this machine reaches the authority; callers may try again.";
    case address_not_allowed:
      return "A document pointed to an address inside your network; allow it only if it is meant.";
    case overloaded:
      return "Callers may try again; if it lasts, give the pool that is named more threads, or the service "
             "more machines.";
    case unavailable:
      return "A store or the system did not answer: look at the subject, and at that store.";
    case not_found:
      return "Check the name.";
    case conflict:
      return "Read again what is there, then decide.";
    case configuration_invalid:
      return "Do what the sentence says: it names the option and the fix.";
    case internal:
      return "An exception or a defect: the log has it under `exception`. If it is ours, report it.";
  }
  std::unreachable();
}

}  // namespace gatehouse
