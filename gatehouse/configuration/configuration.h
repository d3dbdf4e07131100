/// Configuration — settings by key, in layers: files, then the environment, then arguments; the later wins.
///
/// Keys are made of names joined by ':' and compare without ASCII case: "Jwt:SigningKey". Each setting knows
/// where it came from. Immutable once built.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/configuration/faults.h"

namespace gatehouse::configuration {

enum class Source : std::uint8_t {
  settings_file,  ///< a file beside the program, which is usually under version control
  secrets_file,   ///< the user's own, outside the tree
  environment,
  argument,
};

struct Origin {
  Source source = Source::settings_file;
  std::string text;       ///< "appsettings.json:7:5", "environment Jwt__Issuer", "argument --Jwt:Issuer"
  std::size_t order = 0;  ///< position among all that was read, for messages in reading order
};

struct Setting {
  std::string key;    ///< in the spelling of its source
  std::string value;  ///< as text; a JSON true is "true"
  Origin origin;
};

class Configuration {
 public:
  /// The file at `path` (JSON, comments allowed), and over it the environment: for a program that has no
  /// WebApplicationBuilder. Throws ConfigurationError with every fault.
  static Configuration load(const std::string& path);

  /// The value of `key`, or "" when nobody set it.
  std::string operator[](std::string_view key) const;
  const Setting* find(std::string_view key) const;

  /// Every setting under `section`, in the order it was read.
  std::vector<const Setting*> under(std::string_view section) const;

  /// Elements of a list: "Urls:0", "Urls:1", …
  std::vector<std::string> list(std::string_view key) const;

 private:
  friend class ConfigurationBuilder;
  std::map<std::string, Setting> settings_;  // by lower-case key
};

/// Reads the layers; what cannot be read is a fault, and reading goes on.
class ConfigurationBuilder {
 public:
  explicit ConfigurationBuilder(Faults& faults) : faults_(faults) {}

  /// A JSON object; nested names are joined. Comments are allowed, a name said twice is a fault. A missing
  /// file is one too, unless `optional`. `source` secrets_file is refused when others than its owner can read
  /// it.
  ConfigurationBuilder& add_json_file(const std::string& path, bool optional,
                                      Source source = Source::settings_file);
  ConfigurationBuilder& add_json_text(const std::string& name, std::string_view text,
                                      Source source = Source::settings_file);

  /// Everything that was read before, as the layer below.
  ConfigurationBuilder& add_configuration(const Configuration& below);

  /// NAME=value pairs; "__" stands for ':'. Only names with a "__", or one of `plain_names`, are settings.
  ConfigurationBuilder& add_environment(const std::vector<std::pair<std::string, std::string>>& variables,
                                        const std::vector<std::string_view>& plain_names = {});

  /// "--Jwt:Issuer value" and "--Jwt:Issuer=value". Anything else is a fault.
  ConfigurationBuilder& add_arguments(const std::vector<std::string>& arguments);

  Configuration build() { return std::move(built_); }  ///< ends the builder

 private:
  void set(std::string key, std::string value, Source source, std::string origin);

  Faults& faults_;
  Configuration built_;
  std::size_t order_ = 0;
};

/// The process' environment as pairs.
std::vector<std::pair<std::string, std::string>> environment_variables();

/// $XDG_CONFIG_HOME/gatehouse/<application>/secrets.json, or under ~/.config; empty without a home.
std::string user_secrets_path(std::string_view application);

/// "600", "600s", "10m", "1h", "30d", "00:10:00"; empty for anything else.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

// Typed reading. A value that does not fit is a fault that names its origin; the default is then returned.
bool read_bool(const Configuration& configuration, std::string_view key, bool otherwise, Faults& faults);
std::chrono::seconds read_duration(const Configuration& configuration, std::string_view key,
                                   std::chrono::seconds otherwise, Faults& faults);
std::int64_t read_integer(const Configuration& configuration, std::string_view key, std::int64_t otherwise,
                          std::int64_t smallest, std::int64_t largest, Faults& faults);

/// Elements of a list, "key:0" and on; a single value in its place is a fault.
std::vector<const Setting*> read_list(const Configuration& configuration, std::string_view key,
                                      Faults& faults);

/// A missing or blank value is a fault that says the three ways to set it.
std::string read_required(const Configuration& configuration, std::string_view key, Faults& faults);

/// A setting under `section` that is none of `known` is a fault, with the nearest name.
void check_known(const Configuration& configuration, std::string_view section,
                 const std::vector<std::string_view>& known, Faults& faults);

}  // namespace gatehouse::configuration
