#include "gatehouse/discovery/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/json.h"
#include "gatehouse/base/private_file.h"
#include "gatehouse/base/random.h"
#include "gatehouse/jose/jws.h"

namespace gatehouse::discovery {
namespace {

// Told apart by `typ` from everything else that may be sealed with one key (RFC 8725 §3.11).
constexpr std::string_view snapshot_type = "gatehouse-snapshot";
constexpr std::int64_t version = 1;

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t shortest_key = 32;  // RFC 7518 §3.2
constexpr std::size_t largest_key_file = 4096;
constexpr Seconds longest_lifetime = std::chrono::days(7);
constexpr Seconds clock_skew{60};

// One level around what was published with at most the usual depth.
constexpr json::Limits limits = {.octets = largest_file, .depth = json::Limits().depth + 1};

// What is wrong with a file is said with its name.
template <class T>
Result<T> of_file(const std::string& file, Result<T> result) {
  if (!result) result.error().subject.insert(0, file + ": ");
  return result;
}

std::unexpected<Error> no_snapshot(std::string why) { return fail(Failure::type_invalid, std::move(why)); }

// As it was published, since a set that is written anew would lack what limits its keys: key_ops, and the
// dates of a certificate. What is secret is never written, though everybody may have read it.
Result<std::string> without_secrets(std::string_view key_set) {
  json::Parser parser;
  GH_TRY(const json::Value root, parser.parse(key_set));
  const auto keys = root.find("keys");
  if (!keys || !keys->is_array()) return fail(Failure::malformed, "a JWK set has an array named 'keys'");
  json::Writer writer;
  writer.begin_object().name("keys").begin_array();
  for (const json::Value key : *keys) {
    const bool is_public = key.find_string("kty").value_or("oct") != "oct" && !key.find("d");
    if (is_public) writer.raw(key.dump());
  }
  writer.end_array().end_object();
  return std::move(writer).take();
}

Result<std::string> object_named(std::string_view name, const json::Value& root) {
  const auto value = root.find(name);
  if (!value || !value->is_object()) return no_snapshot(fmt::format("it has no '{}'", name));
  return value->dump();
}

Result<Snapshot> read_payload(std::string_view payload) {
  json::Parser parser;
  const auto root = parser.parse(payload, limits);
  if (!root) return no_snapshot("it is no JSON that can be read: " + describe(root.error()));
  const auto stated = root->find("version");
  if (!stated || stated->kind() != json::Kind::integer || stated->as_integer() != version)
    return no_snapshot(fmt::format("it is not of version {}", version));
  const auto address = root->find_string("address");
  const auto fetched = parse_instant(root->find_string("fetched").value_or(""));
  if (!address || !fetched) return no_snapshot("it does not say from where it was fetched, and when");
  GH_TRY(std::string metadata, object_named("metadata", *root));
  GH_TRY(std::string keys, object_named("jwks", *root));
  return Snapshot{.address = std::string(*address),
                  .fetched = *fetched,
                  .metadata = std::move(metadata),
                  .keys = std::move(keys)};
}

}  // namespace

Result<std::string> encode(const Snapshot& snapshot, const Secret& key) {
  GH_TRY(const std::string keys, without_secrets(snapshot.keys));
  json::Writer writer;
  writer.begin_object().member("version", version).member("address", snapshot.address);
  writer.member("fetched", format_instant(snapshot.fetched));
  writer.name("metadata").raw(snapshot.metadata).name("jwks").raw(keys).end_object();
  GH_TRY(std::string text,
         jose::sign_compact(writer.text(), jose::Key::symmetric(key), jose::Algorithm::HS256, snapshot_type));
  if (text.size() > largest_file)
    return fail(Failure::too_large, fmt::format("a snapshot of {} octets", text.size()));
  return text;
}

Result<Snapshot> decode(std::string_view text, const Secret& key) {
  const auto jws = jose::parse_jws(text);
  if (!jws ||
      !jose::verify(jws->signing_input, jws->signature, jose::Key::symmetric(key), jose::Algorithm::HS256))
    return fail(Failure::signature_invalid, "it was damaged or changed, or sealed under another key");
  if (jws->header->typ != snapshot_type) return no_snapshot("it is something else under the same key");
  const auto payload = base64url::decode(jws->payload);
  if (!payload) return no_snapshot("its payload is no base64url");
  return read_payload(*payload);
}

Result<RestoredKeys> restore(const Snapshot& snapshot, const MetadataRules& rules, Seconds lifetime,
                             Instant now) {
  if (snapshot.address != rules.address.text())
    return fail(Failure::metadata_invalid,
                fmt::format("it is of {}, and {} is configured", snapshot.address, rules.address.text()));
  const std::string fetched = format_instant(snapshot.fetched);
  if (snapshot.fetched > now + clock_skew)
    return fail(Failure::not_yet_valid,
                fmt::format("it says {}, and now is {}", fetched, format_instant(now)));
  const Seconds most = lifetime == Seconds::zero() ? longest_lifetime : lifetime;
  if (now - snapshot.fetched >= most)
    return fail(Failure::expired, fmt::format("it is of {}, more than {} s ago", fetched, most.count()));
  GH_TRY(Metadata metadata, parse_metadata(snapshot.metadata, rules));
  GH_TRY(jose::KeySet keys, parse_key_set(snapshot.keys));
  return RestoredKeys{
      .metadata = std::move(metadata), .keys = std::move(keys), .fetched = std::min(snapshot.fetched, now)};
}

SnapshotFile::SnapshotFile(std::string file, std::string key_file)
    : file_(std::move(file)),
      key_file_(key_file.empty() ? file_ + ".key" : std::move(key_file)),
      makes_key_(key_file_ == file_ + ".key") {}

Result<void> SnapshotFile::check() const {
  if (makes_key_) return {};
  if (file_.empty())
    return fail(Failure::configuration_invalid,
                "snapshot_key_file has no snapshot to seal; set snapshot_file");
  if (const auto key = read_key(); !key)
    return fail(Failure::configuration_invalid, fmt::format("snapshot_key_file {}", key.error().subject));
  return {};
}

Result<Secret> SnapshotFile::read_key() const {
  GH_TRY(std::string octets,
         read_private_file(key_file_,
                           {.most = largest_key_file, .is_secret = true, .may_be_link = !makes_key_}));
  std::string_view key = octets;
  if (key.ends_with('\n')) key.remove_suffix(1);
  Secret secret(key);
  wipe(octets);
  if (secret.size() < shortest_key)
    return fail(
        Failure::configuration_invalid,
        fmt::format("{}: {} octets are too few for a key; take 32 random ones", key_file_, secret.size()));
  return secret;
}

Result<Snapshot> SnapshotFile::read() const {
  GH_TRY(const std::string text, read_private_file(file_, {.most = largest_file}));
  const auto key = read_key();
  // Not as when there is no snapshot: this one cannot be read.
  if (!key) return fail(Failure::signature_invalid, key.error().subject);
  return of_file(file_, decode(text, *key));
}

Result<RestoredKeys> SnapshotFile::restore(const MetadataRules& rules, Seconds lifetime, Instant now) const {
  GH_TRY(const Snapshot snapshot, read());
  return of_file(file_, discovery::restore(snapshot, rules, lifetime, now));
}

// The key is read each time, so that processes that share a snapshot have one key whoever made it.
Result<void> SnapshotFile::write(const Snapshot& snapshot) const {
  auto key = read_key();
  if (!key && key.error().kind == Failure::not_found && makes_key_) {
    GH_CHECK(write_private_file(key_file_, random_text(shortest_key)));
    key = read_key();
  }
  if (!key) return std::unexpected(key.error());
  GH_TRY(const std::string text, of_file(file_, encode(snapshot, *key)));
  return write_private_file(file_, text);
}

Result<void> SnapshotFile::remove() const { return remove_private_file(file_); }

}  // namespace gatehouse::discovery
