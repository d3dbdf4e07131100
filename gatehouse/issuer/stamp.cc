#include "gatehouse/issuer/stamp.h"

#include "gatehouse/base/base64url.h"
#include "gatehouse/base/digest.h"
#include "gatehouse/base/random.h"

namespace gatehouse::issuer {
namespace {

constexpr std::size_t name_size = 16;
constexpr std::size_t time_size = 8;
constexpr std::size_t tag_size = 32;

std::string to_octets(std::int64_t number) {
  std::string octets(time_size, '\0');
  for (std::size_t i = 0; i < time_size; ++i)
    octets[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * (time_size - 1 - i)));
  return octets;
}

std::int64_t from_octets(std::string_view octets) {
  std::uint64_t number = 0;
  for (const char octet : octets) number = number << 8 | static_cast<unsigned char>(octet);
  return static_cast<std::int64_t>(number);
}

std::string tag_of(const Secret& key, std::string_view purpose, std::string_view fields,
                   std::string_view bound_to) {
  std::string text(purpose);
  text += fields;
  text += bound_to;
  return hmac_sha256(key.reveal(), text);
}

}  // namespace

std::string make_stamp(const Secret& key, std::string_view purpose, std::string_view bound_to, Instant now) {
  const std::string fields = random_octets(name_size) + to_octets(to_unix_seconds(now));
  return base64url::encode(fields + tag_of(key, purpose, fields, bound_to));
}

std::optional<std::string> read_stamp(std::string_view stamp, const Secret& key, std::string_view purpose,
                                      std::string_view bound_to, Instant now, Seconds lifetime) {
  if (stamp.size() > 100) return {};
  const auto octets = base64url::decode(stamp);
  if (!octets || octets->size() != name_size + time_size + tag_size) return {};
  const std::string_view fields = std::string_view(*octets).substr(0, name_size + time_size);
  const std::string_view tag = std::string_view(*octets).substr(fields.size());
  if (!equal_in_constant_time(tag, tag_of(key, purpose, fields, bound_to))) return {};
  const Instant made{Seconds(from_octets(fields.substr(name_size)))};
  if (made > now + Seconds(60) || now >= made + lifetime) return {};
  return std::string(fields.substr(0, name_size));
}

}  // namespace gatehouse::issuer
