#include "gatehouse/configuration/configuration.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "gatehouse/base/ascii.h"
#include "gatehouse/configuration/environment.h"
#include "gatehouse/configuration/json_settings.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX declares it nowhere

namespace gatehouse::configuration {
namespace {

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Whoever can read a secrets file has the secrets; that it was once private is no comfort.
bool is_private(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

std::string variable_text(const char* name) {
  const char* value =
      std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read once, before any thread starts
  return value ? value : "";
}

}  // namespace

Environment Environment::current() {
  std::string name = variable_text("GATEHOUSE_ENVIRONMENT");
  return Environment(name.empty() ? "Production" : std::move(name));
}

Configuration Configuration::load(const std::string& path) {
  Faults faults;
  Configuration loaded = ConfigurationBuilder(faults)
                             .add_json_file(path, false)
                             .add_environment(environment_variables())
                             .build();
  faults.throw_if_any();
  return loaded;
}

std::string Configuration::operator[](std::string_view key) const {
  const Setting* setting = find(key);
  return setting ? setting->value : std::string();
}

const Setting* Configuration::find(std::string_view key) const {
  const auto found = settings_.find(to_lower(key));
  return found == settings_.end() ? nullptr : &found->second;
}

std::vector<const Setting*> Configuration::under(std::string_view section) const {
  const std::string prefix = to_lower(section) + ':';
  std::vector<const Setting*> found;
  for (auto at = settings_.lower_bound(prefix); at != settings_.end() && at->first.starts_with(prefix); ++at)
    found.push_back(&at->second);
  std::ranges::sort(found, {}, [](const Setting* setting) { return setting->origin.order; });
  return found;
}

std::vector<std::string> Configuration::list(std::string_view key) const {
  std::vector<std::string> elements;
  while (const Setting* element = find(fmt::format("{}:{}", key, elements.size())))
    elements.push_back(element->value);
  return elements;
}

void ConfigurationBuilder::set(std::string key, std::string value, Source source, std::string origin) {
  std::string name = to_lower(key);
  built_.settings_.insert_or_assign(
      std::move(name), Setting{.key = std::move(key),
                               .value = std::move(value),
                               .origin = {.source = source, .text = std::move(origin), .order = order_++}});
}

ConfigurationBuilder& ConfigurationBuilder::add_json_file(const std::string& path, bool optional,
                                                          Source source) {
  std::ifstream file(path);
  if (!file) {
    if (!optional) faults_.add(path, "cannot be read; create it or correct the path");
    return *this;
  }
  if (source == Source::secrets_file && !is_private(path)) {
    faults_.add(path, fmt::format("others than its owner can read it; run: chmod 600 {}", path));
    return *this;
  }
  std::ostringstream text;
  text << file.rdbuf();
  return add_json_text(source == Source::secrets_file ? path : file_name(path), text.str(), source);
}

ConfigurationBuilder& ConfigurationBuilder::add_json_text(const std::string& name, std::string_view text,
                                                          Source source) {
  for (JsonSetting& setting : read_json_settings(name, text, faults_))
    set(std::move(setting.key), std::move(setting.value), source, std::move(setting.where));
  return *this;
}

ConfigurationBuilder& ConfigurationBuilder::add_configuration(const Configuration& below) {
  for (const auto& [name, setting] : below.settings_) {
    built_.settings_.insert_or_assign(name, setting);
    order_ = std::max(order_, setting.origin.order + 1);
  }
  return *this;
}

ConfigurationBuilder& ConfigurationBuilder::add_environment(
    const std::vector<std::pair<std::string, std::string>>& variables,
    const std::vector<std::string_view>& plain_names) {
  for (const auto& [name, value] : variables) {
    std::string key = name;
    for (std::size_t at = 0; (at = key.find("__", at)) != key.npos;) key.replace(at, 2, ":");
    const bool is_plain = std::ranges::any_of(
        plain_names, [&](std::string_view plain) { return to_lower(plain) == to_lower(name); });
    // A shell exports names such as "_" and "__CF…" that are nobody's setting.
    if ((key == name && !is_plain) || key.starts_with(':')) continue;
    set(std::move(key), value, Source::environment, "environment " + name);
  }
  return *this;
}

ConfigurationBuilder& ConfigurationBuilder::add_arguments(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--") || argument.size() == 2) {
      faults_.add("argument " + argument, "is no setting; write --Section:Name value");
      continue;
    }
    const std::size_t equals = argument.find('=');
    std::string key = argument.substr(2, equals == argument.npos ? equals : equals - 2);
    if (equals != argument.npos) {
      set(key, argument.substr(equals + 1), Source::argument, "argument --" + key);
    } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) {
      set(key, arguments[++i], Source::argument, "argument --" + key);
    } else {
      faults_.add("argument " + argument, fmt::format("has no value; write {} value", argument));
    }
  }
  return *this;
}

std::vector<std::pair<std::string, std::string>> environment_variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != text.npos) variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::string user_secrets_path(std::string_view application) {
  std::string root = variable_text("XDG_CONFIG_HOME");
  if (root.empty()) {
    root = variable_text("HOME");
    if (root.empty()) return {};
    root += "/.config";
  }
  return fmt::format("{}/gatehouse/{}/secrets.json", root, application);
}

}  // namespace gatehouse::configuration
