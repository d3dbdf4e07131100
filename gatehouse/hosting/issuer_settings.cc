#include "gatehouse/hosting/issuer_settings.h"

#include <fmt/format.h>

#include <utility>

namespace gatehouse::hosting {
namespace {

using configuration::Configuration;
using configuration::Environment;
using configuration::Faults;
using configuration::Setting;

constexpr std::int64_t most_slots = 1024;

class Reader {
 public:
  Reader(const Configuration& from, Faults& faults) : from_(from), faults_(faults) {}

  std::string required(std::string_view name) const {
    return configuration::read_required(from_, key_of(name), faults_);
  }
  std::string text(std::string_view name, const std::string& otherwise = {}) const {
    const Setting* setting = from_.find(key_of(name));
    return setting ? setting->value : otherwise;
  }
  void read(std::string_view name, Seconds& value) const {
    value = configuration::read_duration(from_, key_of(name), value, faults_);
  }
  bool flag(std::string_view name, bool otherwise) const {
    return configuration::read_bool(from_, key_of(name), otherwise, faults_);
  }
  template <class Integer>
  void read(std::string_view name, Integer& value, std::int64_t smallest, std::int64_t largest) const {
    value = static_cast<Integer>(configuration::read_integer(
        from_, key_of(name), static_cast<std::int64_t>(value), smallest, largest, faults_));
  }

  /// What `make` makes of each element; one that it refuses is a fault with what it says.
  template <class T, class Make>
  std::vector<T> list(std::string_view name, const Make& make) const {
    std::vector<T> made;
    for (const Setting* element : configuration::read_list(from_, key_of(name), faults_)) {
      Result<T> one = make(element->value);
      if (one)
        made.push_back(*std::move(one));
      else
        faults_.add(element->origin.text, fmt::format("'{}': {}", element->key, one.error().subject));
    }
    return made;
  }
  void refuse(std::string_view name, std::string why) const {
    const Setting* setting = from_.find(key_of(name));
    faults_.add(setting ? setting->origin.text : "", fmt::format("'{}' {}", key_of(name), why));
  }
  bool has(std::string_view name) const {
    return from_.find(key_of(name)) || !from_.under(key_of(name)).empty();
  }

 private:
  static std::string key_of(std::string_view name) { return "Issuer:" + std::string(name); }

  const Configuration& from_;
  Faults& faults_;
};

std::unexpected<Error> refuse(std::string why) {
  return fail(Failure::configuration_invalid, std::move(why));
}

Result<jose::Algorithm> to_algorithm(const std::string& name) {
  const auto algorithm = jose::parse_algorithm(name);
  if (!algorithm) return refuse(fmt::format("there is no algorithm '{}'; ES256 is the usual one", name));
  return *algorithm;
}

Result<http::IpNetwork> to_network(const std::string& text) {
  const auto network = http::IpNetwork::parse(text);
  if (!network) return refuse(fmt::format("'{}' is no address and no network; write 10.0.0.0/8", text));
  return *network;
}

Result<issuer::Pepper> to_pepper(const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos) return refuse("a pepper has a name: write p1=file:PATH");
  GH_TRY(Secret key, issuer::read_wrapping_key(std::string_view(text).substr(sign + 1)));
  return issuer::Pepper{.id = text.substr(0, sign), .key = std::move(key)};
}

Result<std::string> to_text(const std::string& text) { return text; }

// One of `Issuer:External`. What it says of AuthorityOptions is checked where they are used.
issuer::ExternalIssuer read_external(const Reader& reader, const std::string& at) {
  issuer::ExternalIssuer other;
  other.name = reader.required(at + ":Name");
  other.authority.authority = reader.required(at + ":Authority");
  other.authority.metadata_address = reader.text(at + ":MetadataAddress");
  other.authority.require_https_metadata = reader.flag(at + ":RequireHttpsMetadata", true);
  other.audience = reader.required(at + ":Audience");
  const std::string kind = reader.text(at + ":Kind", "id_token");
  if (kind == "access_token")
    other.kind = issuer::ExternalTokenKind::access_token;
  else if (kind != "id_token")
    reader.refuse(at + ":Kind", fmt::format("is '{}'; write id_token or access_token", kind));
  other.authorized_parties = reader.list<std::string>(at + ":AuthorizedParties", to_text);
  other.email_domains = reader.list<std::string>(at + ":EmailDomains", to_text);
  other.creates_users = reader.flag(at + ":CreatesUsers", false);
  other.new_user_roles = reader.list<std::string>(at + ":NewUserRoles", to_text);
  other.new_user_scopes = reader.list<std::string>(at + ":NewUserScopes", to_text);
  reader.read(at + ":MaxAge", other.max_age);
  return other;
}

std::vector<issuer::ExternalIssuer> read_externals(const Configuration& configuration, const Reader& reader,
                                                   Faults& faults) {
  std::vector<issuer::ExternalIssuer> others;
  for (int i = 0;; ++i) {
    const std::string at = fmt::format("External:{}", i);
    if (!reader.has(at)) return others;
    configuration::check_known(
        configuration, "Issuer:" + at,
        {"Name", "Authority", "MetadataAddress", "RequireHttpsMetadata", "Audience", "Kind",
         "AuthorizedParties", "EmailDomains", "CreatesUsers", "NewUserRoles", "NewUserScopes", "MaxAge"},
        faults);
    issuer::ExternalIssuer one = read_external(reader, at);
    if (const auto checked = issuer::check(one); !checked && faults.empty())
      reader.refuse(at, checked.error().subject);
    others.push_back(std::move(one));
  }
}

void check_names(const Configuration& configuration, Faults& faults) {
  configuration::check_known(
      configuration, "Issuer",
      {"Url", "Store", "WrappingKeys", "AdminSocket", "DefaultClient", "TrustedProxies", "Algorithms",
       "AccessTokenLifetime", "Keys", "Sessions", "Login", "External"},
      faults);
  configuration::check_known(
      configuration, "Issuer:Keys",
      {"Active", "Announce", "Retain", "Poll", "LongestToken", "MaxAge", "Refresh", "ClockSkew", "Pkcs11"},
      faults);
  configuration::check_known(configuration, "Issuer:Sessions", {"Grace", "GraceMaxUses", "RecoveryTime"},
                             faults);
  configuration::check_known(configuration, "Issuer:Login",
                             {"Slots", "Blocklist", "ShortestPassword", "ContextWords", "Peppers"}, faults);
}

void read_keys(const Reader& reader, issuer::KeyRingOptions& keys) {
  reader.read("Keys:Active", keys.signing.active);
  reader.read("Keys:Announce", keys.signing.announce);
  reader.read("Keys:Retain", keys.signing.retain);
  reader.read("Keys:Poll", keys.readers.poll);
  reader.read("Keys:LongestToken", keys.readers.longest_token);
  reader.read("Keys:MaxAge", keys.readers.key_set_max_age);
  reader.read("Keys:Refresh", keys.readers.refresh);
  reader.read("Keys:ClockSkew", keys.readers.clock_skew);
  keys.token.keys = reader.list<std::string>("Keys:Pkcs11", to_text);
  if (reader.has("Algorithms")) keys.algorithms = reader.list<jose::Algorithm>("Algorithms", to_algorithm);
}

void read_login(const Reader& reader, IssuerSettings& settings) {
  reader.read("Login:Slots", settings.login.pool.slots, 0, most_slots);
  settings.login.peppers = reader.list<issuer::Pepper>("Login:Peppers", to_pepper);
  settings.passwords.blocklist = reader.text("Login:Blocklist", settings.passwords.blocklist);
  reader.read("Login:ShortestPassword", settings.passwords.shortest, 8, 64);
  settings.passwords.context_words = reader.list<std::string>("Login:ContextWords", to_text);
  if (const auto checked = settings.login.validate(); !checked)
    reader.refuse("Login", "cannot be used: " + checked.error().subject);
}

}  // namespace

IssuerSettings read_issuer_settings(const Configuration& configuration, const Environment& environment,
                                    Faults& faults) {
  check_names(configuration, faults);
  const Reader reader(configuration, faults);
  IssuerSettings settings;
  issuer::AuthorizationServerOptions& server = settings.server;
  server.issuer = reader.required("Url");
  settings.store = reader.required("Store");
  if (settings.store == "memory" && !environment.is_development())
    reader.refuse("Store",
                  "is 'memory', which forgets everything at a restart; name a file, or run in Development");
  settings.admin_socket = reader.text("AdminSocket");
  settings.wrapping_keys = reader.list<Secret>("WrappingKeys", issuer::read_wrapping_key);
  if (!reader.has("WrappingKeys"))
    reader.refuse(
        "WrappingKeys",
        "is missing: private keys are sealed under it; openssl rand -hex 32 > FILE, chmod 600 FILE, and "
        "set it to [\"file:FILE\"]");
  server.accounts.default_client = reader.text("DefaultClient");
  server.accounts.trusted_proxies = reader.list<http::IpNetwork>("TrustedProxies", to_network);
  reader.read("AccessTokenLifetime", server.access_token_lifetime);
  read_keys(reader, server.keys);
  issuer::RotationOptions& rotation = server.sessions.rotation;
  reader.read("Sessions:Grace", rotation.grace);
  reader.read("Sessions:GraceMaxUses", rotation.grace_max_uses, 0, 1000);
  reader.read("Sessions:RecoveryTime", rotation.recovery_time);
  read_login(reader, settings);
  server.external.issuers = read_externals(configuration, reader, faults);
  return settings;
}

}  // namespace gatehouse::hosting
