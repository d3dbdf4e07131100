#include "gatehouse/hosting/listen_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "gatehouse/base/ascii.h"

namespace gatehouse::hosting {
namespace {

using configuration::Configuration;
using configuration::Faults;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(';', at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::optional<ListenAddress> parse_url(std::string_view url) {
  ListenAddress address;
  if (url.starts_with("https://")) {
    address.tls = true;
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  if (url.ends_with('/')) url.remove_suffix(1);
  const std::size_t colon = url.rfind(':');
  const bool has_port = colon != url.npos && url.find(']', colon) == url.npos;
  const std::string_view port = has_port ? url.substr(colon + 1) : (address.tls ? "443" : "80");
  std::string_view host = has_port ? url.substr(0, colon) : url;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto number = parse_number<std::uint16_t>(port);
  if (!number || host.empty() || host.find('/') != host.npos) return std::nullopt;
  address.host = host;
  address.port = *number;
  return address;
}

}  // namespace

bool ListenSettings::uses_tls() const noexcept { return std::ranges::any_of(addresses, &ListenAddress::tls); }

ListenSettings read_listen_settings(const Configuration& configuration,
                                    const configuration::Environment& environment, Faults& faults) {
  ListenSettings settings{.certificate_file = configuration["Tls:CertificateFile"],
                          .key_file = configuration["Tls:KeyFile"]};
  configuration::check_known(configuration, "Tls", {"CertificateFile", "KeyFile"}, faults);
  std::vector<std::string> urls = configuration.list("Urls");
  if (urls.empty()) urls = split(configuration["Urls"]);
  if (urls.empty()) urls = {"http://localhost:5080", "https://localhost:5443"};
  for (const std::string& url : urls) {
    if (const auto address = parse_url(url))
      settings.addresses.push_back(*address);
    else
      faults.add("Urls",
                 fmt::format("'{}' is no address; write http://localhost:5080 or https://*:443", url));
  }
  if (settings.certificate_file.empty() != settings.key_file.empty())
    faults.add("Tls", "Tls:CertificateFile and Tls:KeyFile belong together; set both");
  else if (settings.uses_tls() && settings.certificate_file.empty() && !environment.is_development())
    faults.add("Tls", "an https address outside Development needs Tls:CertificateFile and Tls:KeyFile (PEM)");
  return settings;
}

}  // namespace gatehouse::hosting
