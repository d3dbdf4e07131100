#include "gatehouse/issuer/known_device.h"

#include <utility>

#include "gatehouse/issuer/stamp.h"

namespace gatehouse::issuer {
namespace {

constexpr std::string_view purpose = "gh_dev/1";

}  // namespace

KnownDevices::KnownDevices(Secret key, Seconds lifetime) : key_(std::move(key)), lifetime_(lifetime) {}

std::string KnownDevices::issue(std::string_view account, Instant now) const {
  return make_stamp(key_, purpose, account, now);
}

std::optional<std::string> KnownDevices::recognize(std::string_view token, std::string_view account,
                                                   Instant now) const {
  return read_stamp(token, key_, purpose, account, now, lifetime_);
}

}  // namespace gatehouse::issuer
