// No text is a snapshot that was not sealed; what was sealed is one snapshot or none, and comes back as it
// was.

#include "gatehouse/discovery/snapshot.h"
#include "gatehouse/jose/jws.h"
#include "tests/fuzz/fuzz.h"

namespace gatehouse {
namespace {

using discovery::Snapshot;

constexpr Instant now{Seconds(1'768'467'600)};

const Secret& secret() {
  static const Secret secret("kJ8v2QpXz7LmN4sT9wYb3RcF6hGd1AeU0iOq");
  return secret;
}

const discovery::MetadataRules& rules() {
  static const discovery::MetadataRules rules{
      .issuer = "https://issuer.example",
      .address = Url::parse("https://issuer.example/.well-known/openid-configuration").value()};
  return rules;
}

void judge_believed(const Snapshot& snapshot) {
  const auto restored = discovery::restore(snapshot, rules(), std::chrono::hours(24), now);
  if (!restored) return;
  promise(snapshot.address == rules().address.text() && restored->metadata.issuer == rules().issuer);
  promise(restored->fetched <= now && now - restored->fetched < std::chrono::hours(24));
  promise(!restored->keys.empty() && !restored->keys.has_private());
}

void judge(std::string_view text) {
  promise(!discovery::decode(text, secret()));
  static const jose::Key key = jose::Key::symmetric(secret());
  const auto sealed = jose::sign_compact(text, key, jose::Algorithm::HS256, "gatehouse-snapshot");
  const auto read = discovery::decode(sealed.value(), secret());
  if (!read) return;
  judge_believed(*read);
  const auto written = discovery::encode(*read, secret());
  if (!written) return;  // its keys are an object, and no set
  const auto again = discovery::decode(*written, secret());
  promise(again && again->address == read->address && again->fetched == read->fetched &&
          again->metadata == read->metadata);
  promise(discovery::encode(*again, secret()) == *written);
  promise(discovery::decode(written->substr(1), secret()).error().kind == Failure::signature_invalid);
}

}  // namespace
}  // namespace gatehouse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gatehouse::judge(gatehouse::text_of(data, size));
  return 0;
}
